//! A gate between the program and a sandbox. It holds requests back until the test lets them pass, so that a run is
//! surely at work for as long as the test wants it to be.

use std::io::{Read as _, Write as _, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::SandboxProcess;

/// Only keeps a test that has failed from standing still.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(300);

/// A gate that is shut.
pub struct Gate {
    /// Where the program is to send its requests.
    pub url: String,
    arrived: Receiver<()>,
    door: Arc<Door>,
}

#[derive(Default)]
struct Door {
    is_open: Mutex<bool>,
    opens: Condvar,
}

impl Gate {
    /// Holds back all writes to a sandbox.
    pub fn before(sandbox: &SandboxProcess) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let address = sandbox.url.trim_start_matches("http://").to_owned();
        let (tell, arrived) = channel();
        let door = Arc::new(Door::default());
        let shared = Arc::clone(&door);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (address, tell, door) = (address.clone(), tell.clone(), Arc::clone(&shared));
                thread::spawn(move || pass_on(client.unwrap(), &address, &tell, &door));
            }
        });
        Self { url, arrived, door }
    }

    /// Returns once a write stands before the gate.
    pub fn wait(&self) {
        self.arrived.recv_timeout(GIVEN_UP_AFTER).expect("a write comes to the gate");
    }

    /// Lets everything pass from now on.
    pub fn open(&self) {
        *self.door.is_open.lock().unwrap() = true;
        self.door.opens.notify_all();
    }
}

/// Passes on what one connection carries, each way. A client sends its next request only when the last one is
/// answered, so every request begins a read of its own.
fn pass_on(mut client: TcpStream, address: &str, tell: &Sender<()>, door: &Door) {
    let mut sandbox = TcpStream::connect(address).unwrap();
    let (mut answers, mut back) = (sandbox.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        let _ = copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut bytes = [0; 16 * 1024];
    while let Ok(read @ 1..) = client.read(&mut bytes) {
        if bytes[..read].starts_with(b"PUT ") {
            // Nobody listens any more once the test is over.
            let _ = tell.send(());
            drop(door.opens.wait_while(door.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
        }
        if sandbox.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = sandbox.shutdown(Shutdown::Both);
}
