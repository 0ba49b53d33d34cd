//! A disk in memory that refuses an operation, or loses its power and with it what was not synced.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::disk::{Disk, DiskFile};
use super::segments;

/// What is in each file of a directory.
pub type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// What happens at one operation, and what to the disk.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The power is cut before it: neither it nor any later one has an effect.
    PowerCut,
    /// It is refused once, before it has an effect; of a write, half is done.
    Refused(io::ErrorKind),
    /// It is told to have failed, and yet it was done.
    DoneAndRefused(io::ErrorKind),
}

/// The disk. Its clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct FrailDisk(Rc<RefCell<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    /// The names as programs see them.
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    /// The changes of names that are not on disk yet. They come there in this order.
    moves: Vec<Move>,
    /// How many operations there were.
    operations: usize,
    fault: Option<(usize, Fault)>,
}

/// A file, whatever its name.
#[derive(Clone, Debug, Default)]
struct Inode {
    /// As programs see it.
    content: Vec<u8>,
    synced: Vec<u8>,
    /// The changes that are not on disk yet. They come there in this order.
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

#[derive(Clone, Debug)]
enum Move {
    Create(PathBuf, usize),
    Rename(PathBuf, PathBuf),
}

impl FrailDisk {
    /// A disk with these files on it.
    pub fn with(contents: &Contents) -> Self {
        let mut state = State::default();
        for (path, content) in contents {
            state.names.insert(path.clone(), state.inodes.len());
            state.inodes.push(Inode { content: content.clone(), synced: content.clone(), changes: Vec::new() });
        }
        state.synced_names = state.names.clone();
        Self(Rc::new(RefCell::new(state)))
    }

    /// The same disk once more, with all that it has not synced yet. Its power is on.
    pub fn copied(&self) -> Self {
        let state = State { operations: 0, fault: None, ..self.0.borrow().clone() };
        Self(Rc::new(RefCell::new(state)))
    }

    /// Lets this happen at the operation of this number, from 0.
    pub fn breaking(self, at: usize, fault: Fault) -> Self {
        self.0.borrow_mut().fault = Some((at, fault));
        self
    }

    /// How many operations there were.
    pub fn operations(&self) -> usize {
        self.0.borrow().operations
    }

    /// What programs see.
    pub fn seen(&self) -> Contents {
        let state = self.0.borrow();
        state.names.iter().map(|(path, inode)| (path.clone(), state.inodes[*inode].content.clone())).collect()
    }

    /// All that may be there after a power loss. A write that was not synced is torn at every `step`th byte, and before
    /// and after each line feed.
    pub fn after_power_loss(&self, step: usize) -> Vec<Contents> {
        let state = self.0.borrow();
        let survivals: Vec<Vec<Vec<u8>>> = state.inodes.iter().map(|inode| inode.survivals(step)).collect();
        let mut found = Vec::new();
        for moved in 0..=state.moves.len() {
            let mut names = state.synced_names.clone();
            state.moves[..moved].iter().for_each(|one| one.done(&mut names));
            let mut contents = vec![Contents::new()];
            for (path, inode) in names {
                let with = |before: &Contents, content: &Vec<u8>| {
                    before
                        .iter()
                        .map(|(path, content)| (path.clone(), content.clone()))
                        .chain([(path.clone(), content.clone())])
                        .collect()
                };
                contents = contents
                    .iter()
                    .flat_map(|before| survivals[inode].iter().map(move |content| with(before, content)))
                    .collect();
            }
            found.extend(contents);
        }
        found
    }

    /// Does an operation, unless a fault keeps it from being done.
    fn operate<T>(&self, operation: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        self.operate_or(operation, |_| ())
    }

    fn operate_or<T>(
        &self,
        operation: impl FnOnce(&mut State) -> io::Result<T>,
        half: impl FnOnce(&mut State),
    ) -> io::Result<T> {
        let state = &mut *self.0.borrow_mut();
        let number = state.operations;
        state.operations += 1;
        match state.fault {
            Some((at, Fault::PowerCut)) if number >= at => Err(io::Error::other("no power")),
            Some((at, Fault::Refused(kind))) if number == at => {
                half(state);
                Err(kind.into())
            }
            Some((at, Fault::DoneAndRefused(kind))) if number == at => {
                operation(state)?;
                Err(kind.into())
            }
            _ => operation(state),
        }
    }

    fn file(&self, inode: usize) -> FrailFile {
        FrailFile { disk: self.clone(), inode, at: 0 }
    }
}

impl State {
    fn create(&mut self, path: &Path) -> usize {
        let inode = self.inodes.len();
        self.inodes.push(Inode::default());
        self.make(Move::Create(path.to_owned(), inode));
        inode
    }

    fn make(&mut self, one: Move) {
        one.done(&mut self.names);
        self.moves.push(one);
    }
}

impl Move {
    fn done(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Create(path, inode) => drop(names.insert(path.clone(), *inode)),
            Self::Rename(from, to) => {
                let inode = names.remove(from).unwrap();
                names.insert(to.clone(), inode);
            }
        }
    }
}

impl Inode {
    fn change(&mut self, change: Change) {
        change.done(&mut self.content);
        self.changes.push(change);
    }

    fn survivals(&self, step: usize) -> Vec<Vec<u8>> {
        let mut content = self.synced.clone();
        let mut found = vec![content.clone()];
        for change in &self.changes {
            if let Change::Write(at, bytes) = change {
                let is_edge = |cut: usize| bytes[cut - 1] == b'\n' || bytes[cut] == b'\n';
                for cut in (1..bytes.len()).filter(|cut| cut % step == 0 || is_edge(*cut)) {
                    let mut torn = content.clone();
                    Change::Write(*at, bytes[..cut].to_vec()).done(&mut torn);
                    found.push(torn);
                }
            }
            change.done(&mut content);
            found.push(content.clone());
        }
        found
    }
}

impl Change {
    fn done(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                content.resize(content.len().max(at + bytes.len()), 0);
                content[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::SetLen(len) => content.resize(*len, 0),
        }
    }
}

impl Disk for FrailDisk {
    type File = FrailFile;
    type Turn = ();

    fn turn(&self, _: &Path) -> io::Result<()> {
        self.operate(|_| Ok(()))
    }

    fn closed(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        let is_closed = |path: &&PathBuf| segments::is_closed(path.file_name().unwrap().to_str().unwrap());
        self.operate(|state| Ok(state.names.keys().filter(is_closed).cloned().collect()))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.operate(|state| Ok(state.names.contains_key(path)))
    }

    fn read(&self, path: &Path) -> io::Result<FrailFile> {
        let inode = self.operate(|state| state.names.get(path).copied().ok_or(io::ErrorKind::NotFound.into()))?;
        Ok(self.file(inode))
    }

    fn open(&self, path: &Path) -> io::Result<FrailFile> {
        let inode = self.operate(|state| Ok(state.names.get(path).copied().unwrap_or_else(|| state.create(path))))?;
        Ok(self.file(inode))
    }

    fn create(&self, path: &Path) -> io::Result<FrailFile> {
        let inode = self.operate(|state| match state.names.get(path) {
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
            None => Ok(state.create(path)),
        })?;
        Ok(self.file(inode))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operate(|state| {
            state.make(Move::Rename(from.to_owned(), to.to_owned()));
            Ok(())
        })
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.operate(|state| {
            state.moves.clear();
            state.synced_names = state.names.clone();
            Ok(())
        })
    }
}

/// A file of it that is open.
#[derive(Debug)]
pub struct FrailFile {
    disk: FrailDisk,
    inode: usize,
    at: usize,
}

impl DiskFile for FrailFile {
    fn set_len(&self, len: u64) -> io::Result<()> {
        let change = Change::SetLen(usize::try_from(len).unwrap());
        self.disk.operate(|state| {
            state.inodes[self.inode].change(change);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.operate(|state| {
            let inode = &mut state.inodes[self.inode];
            inode.synced.clone_from(&inode.content);
            inode.changes.clear();
            Ok(())
        })
    }
}

impl Read for FrailFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (inode, at) = (self.inode, self.at);
        let read = self.disk.operate(|state| state.inodes[inode].content.get(at..).unwrap_or_default().read(buffer))?;
        self.at += read;
        Ok(read)
    }
}

impl Write for FrailFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (inode, at) = (self.inode, self.at);
        let write = |state: &mut State, len| state.inodes[inode].change(Change::Write(at, bytes[..len].to_vec()));
        self.disk.operate_or(
            |state| {
                write(state, bytes.len());
                Ok(())
            },
            |state| write(state, bytes.len() / 2),
        )?;
        self.at += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for FrailFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let inode = self.inode;
        let len = self.disk.operate(|state| Ok(state.inodes[inode].content.len()))?;
        self.at = match to {
            SeekFrom::Start(at) => usize::try_from(at).unwrap(),
            SeekFrom::End(0) => len,
            other => panic!("nobody seeks {other:?}"),
        };
        Ok(self.at as u64)
    }
}
