//! Faults that are more than one struck request. Waits pass on a virtual clock.

mod behind;
