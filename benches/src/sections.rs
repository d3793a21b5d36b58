//! What the page says around its figures.

/// One section of the page.
pub struct Section {
    /// The figure's.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What measures it again.
    pub command: &'static str,
    /// What is measured, and how.
    pub about: &'static str,
    /// What the numbers do not say by themselves.
    pub note: &'static str,
}

/// In the page's order.
pub const SECTIONS: &[Section] = &[
    Section {
        id: "rounds",
        title: "A round over its slowest seats",
        command: "./dev bench rounds",
        about: "Fake providers on both wires speak at fixed rates of 120 to 204 tokens a second. A round is taken from \
                the request to the event that ends it, as a client of `/console/events` sees it; a seat's answer and \
                reaction from the arrival of the request at its provider to the last byte. Husting's own share is what \
                remains: prompts, holds, connections, settled answers, quotes verified, the claim map, and every \
                commit flushed to disk.",
        note: "A round waits for about eight flushed commits one after the other, from the holds to the finished map. \
               Where other work keeps the disk busy, its flushes are most of Husting's share, and of its range.",
    },
    Section {
        id: "first-text",
        title: "The first words through Husting",
        command: "./dev bench first-text",
        about: "Three seats answer at once at 200 tokens a second. Time runs from just before the provider hands its \
                first words to the socket until a client has them: a bare client of the provider, and one of Husting's \
                `/console/events`, in turns, 90 first words each in every repetition.",
        note: "The words are shown before they are written anywhere, so the disk has no part in this.",
    },
    Section {
        id: "server",
        title: "The server's start and its idle hours",
        command: "./dev bench server",
        about: "`husting serve` from its spawn to the ready file and to the first answer of `/health`; then, after \
                five quiet seconds, its memory (PSS) and its processor time over five more. On a fresh folder, which \
                it has to make, and on one with 200 sessions of eight seats.",
        note: "About four fifths of the idle memory are machine code and tables of the program that were touched. The \
               kernel maps them in pieces as large as its cache keeps them, so the same program has some MiB more or \
               less from one day to the next.",
    },
    Section {
        id: "progress",
        title: "Polls that find nothing new",
        command: "./dev bench progress",
        about: "Sixteen callers on kept connections ask for `GET /api/sessions/:id/progress` with a key and an \
                `If-None-Match`, each again as soon as it is answered, for three seconds, while the three seats of that \
                very session stream 20 tokens a second each. What changed comes about once a second, with the tag that \
                is sent from then on; the rest is 304, and counted. In turns with it the same callers ask a bare \
                route of the same HTTP library that compares one tag: what loopback, that library and the callers \
                leave over on this machine. The key is allowed ten million calls a minute instead of 600.",
        note: "All that a request passes on its way is in it: names and origin, the key's hash, the key's own limit, \
               the round's present version. Callers, server and seats share the cores.",
    },
    Section {
        id: "create",
        title: "A deliberation acknowledged",
        command: "./dev bench create",
        about: "`create_deliberation` over MCP (`tools/call`) and REST, by one caller and by eight at the same moment, \
                each with a key of its own, on the rehearsal panel, 120 calls in every repetition. What is acknowledged is on disk: session, round, \
                calls, holds and the acknowledgement itself, in one flushed commit. The next call is made when the round \
                is over, so that rounds at work are part of it for eight callers and not for one. In turns with it \
                the official MCP library for Python (`benches/peer/one_row.py`, JSON answers, no sessions), which \
                inserts one row into SQLite with `synchronous = full` and does nothing else.",
        note: "",
    },
    Section {
        id: "bus",
        title: "Messages on the bus",
        command: "./dev bench bus",
        about: "`send` over MCP (`tools/call`), 256 letters, by one, eight and 64 agents at the same moment, each with a \
                token and a kept connection of its own, for two seconds in every repetition. Each message is acknowledged \
                once it is on disk, in a flushed commit that also read the sender's standing again and holds its row of \
                the audit log; limits are counted, at ten million calls a minute instead of 600. In turns with it, with \
                as many writers and the same letters: the official MCP library for Python (`benches/peer/one_row.py`, \
                JSON answers, no sessions), which inserts one row into SQLite with `synchronous = full` and does nothing \
                else; a bare route of Husting's HTTP library that inserts one row with a commit of its own; and Redis \
                with `appendfsync always` (`XADD`), which speaks a binary protocol and looks at nobody's token. Ratios \
                are to the library.\n\n\
                Then one agent waits with `inbox_wait` while four others send it 800 messages a second: from just before \
                a message is sent until it was read. A hundred agents wait at once, and memory is read.\n\n\
                A store with a million messages of 500 agents, written through the store's own writer and read, \
                beside one with few, whose pages are as long: 200 calls of each kind in every repetition, one caller. The \
                searched word stands in every fiftieth message. At last one agent recalls among 100,000 notes, beside one \
                with 500.",
        note: "Senders and server share the cores.\n\n\
               Where a goal is missed, `perf record -g -p PID` beside `./dev bench bus` shows why (a release build with \
               `CARGO_PROFILE_RELEASE_STRIP=none` and `RUSTFLAGS=-Cforce-frame-pointers=yes`). With 64 senders half of \
               the processor time is the engine's thread: pages of the log written and summed (a message touches about \
               nine indexes, and with as many mailboxes few of their pages are shared), rows and JSON. A quarter is HTTP \
               and the MCP library, which starts a service for each request; much of the rest is threads that wait for \
               each other.",
    },
    Section {
        id: "discord",
        title: "Replies on their way to Discord",
        command: "./dev bench discord",
        about: "From just before an agent calls `send` on the bus until the fake Discord, which has no limits here, \
                has accepted the message. In turns: the bridge in `husting serve`; `husting discord`, which speaks MCP \
                with a server; and a poller as the public page's connector works, which lists its mail every 15 \
                seconds and posts what is there. Each has a server and a Discord of its own. A person asks in one \
                of a hundred mapped channels, the agent takes the question and replies: 100 times in every repetition, one \
                after the other, at most 40 in a second, so that no limit of Discord's is met. \
                The poller is sent ten replies in every repetition, evenly over one interval; the last of ten stands \
                for its p99. On its way a reply is on the bus and in the bridge's journal, each in a flushed commit, \
                before it is posted.\n\n\
                Then memory of a server with the bridge, on a fresh folder in every repetition: connected to Discord, \
                and after 1,000 questions and their replies, after three quiet seconds each.",
        note: "The poller's mean is half its interval by design; its work besides is the same two requests. Server, \
               bridge and the fake Discord share the cores.",
    },
    Section {
        id: "sessions",
        title: "Sessions listed and read, with 10,000 beside one",
        command: "./dev bench sessions",
        about: "`GET /api/sessions` as it is called by default (7 rows), with 200 rows, by state, and \
                `GET /api/sessions/:id` over all sessions in turn: 300 calls of each in every repetition, one caller. Each \
                session has two rounds of three seats, so 12 settled calls of which six have words, a claim map each, and 12 \
                bookings; they are written through the store. A page of 200 stands beside a store of 200 sessions, whose \
                page is as long; all else beside a store of one.",
        note: "",
    },
    Section {
        id: "window",
        title: "The window's start and its idle hours, beside an empty one",
        command: "./dev bench window",
        about: "The release build beside an empty Tauri window of the same versions (`benches/empty-window`), opened \
                in turns through WebKit's driver on a display of their own. First paint is the page's own paint \
                timing; usable is the frame after the first screen stands with its data. Both count from the spawn \
                of the process. A start takes a second and varies by a fifth from one to the next, so each window is \
                started 25 times. Memory is PSS over the whole tree of processes, after ten quiet seconds, in which \
                a page collects the garbage of its start; the processor's time is that of the twenty seconds after \
                them.\n\n\
                Without a graphics processor Husting turns WebKit's DMABUF renderer off by itself. The empty window is \
                opened both ways: drawn alike, which is the harder one to stand beside, and as Tauri makes it, which is what \
                the goal names.",
        note: "Beside the empty window that is drawn alike the processes start alike; the difference is the page: its \
               scripts are read, and the first screen is built and laid out. Of the memory above the empty window \
               about half is the program (machine code that has been touched, the store, TLS and the keyring's \
               connection), half the page. PSS counts shared pages by their sharers: a second web view on the machine lowers both.\n\n\
               Where a graphics processor is, Husting draws as Tauri does, and the ratio to expect is that of the windows \
               that are drawn alike; no such machine was measured.\n\n\
               Husting also keeps GTK and WebKit from asking OpenGL in its own process what it can do: the answer would \
               be a software driver's, with a compiler of its own. The empty window asks.",
    },
    Section {
        id: "frames",
        title: "Frames and keys in the window, beside an empty page",
        command: "./dev bench frames",
        about: "Inside the page: gaps between animation frames over five seconds, and the time from a key's event to \
                the frame that shows what it did, for twenty keys pressed through WebKit's driver. On an empty page, \
                which only shows the key; on a live session with three seats at 200 tokens a second each, where the \
                keys open and close the palette over the streaming text after the frames were counted; and on a map \
                of 200 claims, a bus of 10,000 messages and a list of 500 agents, through which `j` walks while they \
                are.",
        note: "With WebKit's DMABUF renderer, its default, three live seats came to fewer than five frames a second on this \
               machine, because OpenGL is then done by the processor; hence the choice above. Opening the palette over \
               streaming text takes some frames more than moving in a map.",
    },
    Section {
        id: "chromium",
        title: "Frames and keys in Chromium",
        command: "./dev bench chromium",
        about: "The same pages and the same measurements in Chromium without a head, which shows what `husting serve` \
                serves; keys are pressed through its own driver.",
        note: "",
    },
    Section {
        id: "bundle",
        title: "What the pages weigh",
        command: "./dev bench bundle",
        about: "The release's pages as they lie in the program, 1 kB being 1,000 bytes: of one build, so there is \
                nothing to repeat. The first screen waits for what its page names; other screens, letters of other \
                scripts and the reader of PDF files are fetched when they are wanted.",
        note: "The `.deb`, which holds them with both programs, is weighed by `./dev package`, beside its goal of 15 MB.",
    },
];
