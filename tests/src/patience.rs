//! Waiting for what must come. Nothing here is a pause: a wait ends when its event does, and what
//! does not come fails with its name.

use std::time::Duration;

/// Longer than anything here takes on a busy machine; what takes longer hangs.
const LONGEST: Duration = Duration::from_secs(90);
/// How often is looked where nothing tells of a change.
const LOOK: Duration = Duration::from_millis(20);

/// Waits for `coming`.
pub async fn wait_for<T>(what: &str, coming: impl Future<Output = T>) -> T {
    match tokio::time::timeout(LONGEST, coming).await {
        Ok(came) => came,
        Err(_) => panic!("it never came: {what}"),
    }
}

/// Looks until `look` finds something.
pub async fn look_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    wait_for(what, looking).await
}
