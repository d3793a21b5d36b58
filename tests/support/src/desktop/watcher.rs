//! Who has an icon in the tray (freedesktop.org, *Status Notifier Item*).

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, Proxy, interface};

/// An icon that was registered.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its program's name on the bus.
    pub(super) service: String,
    path: String,
}

/// The watcher; clones share what was registered.
#[derive(Clone, Default)]
pub(super) struct Watcher(Arc<Mutex<Option<Item>>>);

impl Watcher {
    /// The icon that was registered last.
    pub(super) fn item(&self) -> Option<Item> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Item {
    /// The icon's own interface.
    pub(super) async fn proxy<'a>(&'a self, bus: &Connection) -> zbus::Result<Proxy<'a>> {
        let (service, path) = (self.service.as_str(), self.path.as_str());
        Proxy::new(bus, service, path, "org.kde.StatusNotifierItem").await
    }
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // Some give the path of the icon, some the name of their service.
        let item = match service.starts_with('/') {
            true => (sender, service.to_owned()),
            false => (service.to_owned(), "/StatusNotifierItem".to_owned()),
        };
        let (service, path) = item;
        let name = format!("{service}{path}");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Item { service, path });
        Self::status_notifier_item_registered(&emitter, &name).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.item().into_iter();
        items.map(|item| item.service + &item.path).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;
}

/// The file among `icons` whose pixels the icon has.
pub(super) async fn icon(
    bus: &Connection,
    item: &Item,
    icons: &Path,
) -> anyhow::Result<Option<String>> {
    let shown: String = item.proxy(bus).await?.get_property("IconName").await?;
    // Between two icons there is none.
    let Ok(shown) = pixels(Path::new(&shown)) else {
        return Ok(None);
    };
    for entry in std::fs::read_dir(icons)? {
        let path = entry?.path();
        let is_picture = path.extension().is_some_and(|ending| ending == "png");
        if is_picture && pixels(&path)? == shown {
            let name = path.file_name().map(|name| name.to_string_lossy());
            return Ok(name.map(Into::into));
        }
    }
    Ok(None)
}

fn pixels(picture: &Path) -> anyhow::Result<Vec<u8>> {
    let file = File::open(picture).with_context(|| picture.display().to_string())?;
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info()?;
    let size = reader.output_buffer_size().context("too large a picture")?;
    let mut pixels = vec![0; size];
    reader.next_frame(&mut pixels)?;
    Ok(pixels)
}
