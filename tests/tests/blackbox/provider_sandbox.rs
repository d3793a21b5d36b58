//! The lines that `./dev provider-sandbox` prints, typed as they stand there.

use std::os::unix::fs::symlink;

use husting_domain::money::MicroUsd;
use husting_test_support::{FakeProvider, Wire, sandbox};
use husting_tests::home::{Home, run};
use husting_tests::program::husting;
use husting_wire::wallet::LedgerPage;

#[tokio::test]
async fn a_provider_of_this_machine_is_added_priced_and_asked_by_the_lines_it_prints() {
    for wire in Wire::ALL {
        let provider = FakeProvider::start(wire, sandbox::script())
            .await
            .expect("a port is free");
        let home = Home::new();
        let programs = home.beside("programs");
        std::fs::create_dir(&programs).expect("a folder can be made");
        symlink(husting(), programs.join("husting")).expect("it can be linked");
        let steps = sandbox::steps(wire, &provider);
        let mut said = String::new();
        for (_, line) in &steps {
            let mut shell = home.command("sh");
            let path = std::env::var("PATH").expect("there are programs");
            shell.args(["-c", line]);
            shell.env("PATH", format!("{}:{path}", programs.display()));
            said = run(shell, None).await.done().stdout;
        }
        for model in sandbox::MODELS {
            assert!(said.to_lowercase().contains(model), "{wire}: {said}");
        }
        let ledger: LedgerPage = home
            .run(&["wallet", "ledger", "--json"])
            .await
            .done()
            .json();
        // Both answer and react; a model of this machine costs nothing, whatever its price.
        let paid = ledger.rows.iter().filter(|row| row.change < MicroUsd(0));
        let expected = if wire == Wire::Ollama { 0 } else { 4 };
        assert_eq!(paid.count(), expected, "{wire}: {ledger:#?}");
    }
}
