use unspoof_outreach::smpp::SmppConfig;
use unspoof_outreach::smpp::config::TlsConfig;

/// What the page shows is an account, and says what it says.
#[test]
fn the_page_shows_an_account() {
    let page = std::fs::read_to_string("../../docs/formats/smpp-account.md").unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (shown, table) = rest.split_once("```").unwrap();
    let read: SmppConfig = toml::from_str(shown).unwrap();
    read.check(true).unwrap();
    let wanted = SmppConfig {
        sessions: 2,
        rate_per_s: Some(30),
        tls: Some(TlsConfig {
            roots: "provider-ca.pem".into(),
            server_name: Some("smpp.example".into()),
        }),
        ..SmppConfig::of("127.0.0.1", 2775, "unspoof")
    };
    assert_eq!(
        read, wanted,
        "what is shown are the defaults, but for these"
    );
    // Every item is shown, and stands in the table.
    let written = toml::Table::try_from(&read).unwrap();
    for item in written.keys() {
        assert!(shown.contains(item.as_str()), "{item}");
        let is_told = table.contains(&format!("`{item}`"))
            || item == "data_coding"
            || item == "interface_version";
        assert!(is_told, "{item}");
    }
}
