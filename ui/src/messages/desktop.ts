/** Words of the desktop around the window: tray, closing, notices. */
export const desktop = {
  title: "Desktop",
  tray: "Tray",
  trays: {
    shown: "shown; closing the window leaves everything running",
    no_host: "this desktop shows no tray icons; closing the window asks",
    no_library: "the library libayatana-appindicator3 is not installed; closing the window asks",
  },
  login: "Start at login",
  loginMeaning: "behind the tray’s icon where there is one",
  notices: {
    notify_rounds: { name: "Tell me when a round is over", meaning: "a click on the notice opens it" },
    notify_needs_you: { name: "Tell me when something waits for me", meaning: "denied calls, replies without a place, a bridge that stopped" },
    notify_parked: { name: "Tell me when a message is parked", meaning: "on the bus, to or from Discord" },
  },
  close: "Closing the window without a tray",
  closeMeaning: "where the tray shows Husting, the window is only hidden",
  closes: { ask: "Ask", keep: "Keep running", quit: "Quit" },
  question: {
    title: "Close the window?",
    lead: "This desktop shows no tray icon, so nothing would show that Husting runs. The only way back to the window is to start Husting a second time.",
    keeps: "Kept running: the bus, the Discord bridge, rounds in flight.",
    quits: "Quit: what runs is ended within five seconds and kept as far as it came.",
    always: "Do the same each time",
    keep: "Keep running without a window",
    quit: "Quit",
    failed: "The window stays.",
  },
};
