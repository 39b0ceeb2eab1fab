//! What `unspoof-smsc notify` is told on the command line.

use std::net::SocketAddr;

use super::Settings;

/// What can be said, one line each.
pub const USAGE: &str = "\
unspoof-smsc notify --listen 127.0.0.1:PORT [--NAME VALUE]...
  --service-id UUID   --secret UUID   --template-id UUID   --template TEXT   --prefix TEXT   --from NAME
  --per-minute N   --burst N   --per-day N   --page N   --deliver-after-ms N
  --callback 127.0.0.1:PORT   --callback-token TOKEN
  --seed N   --slow-ms N   --search-lag-ms N
  in so many of 1,000 requests: --close-before --close-after --cut-answer --error-before --error-after
  --garbled --slow-store --slow-answer --search-error --callback-twice --callback-lost
";

/// Reads arguments: where to listen, and the settings.
///
/// # Errors
/// What is wrong with them.
pub fn read(arguments: &[String]) -> Result<(SocketAddr, Settings), String> {
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut settings = Settings::default();
    let (mut callback, mut token) = (None, String::new());
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest
            .next()
            .ok_or_else(|| format!("`{name}` needs a value"))?;
        let number = || {
            let number: Result<u32, _> = value.parse();
            number.map_err(|_| format!("`{name} {value}`: not a number"))
        };
        let place = || {
            let place: Result<SocketAddr, _> = value.parse();
            place.map_err(|_| format!("`{name} {value}`: not an address with a port"))
        };
        let faults = &mut settings.faults;
        match name.as_str() {
            "--listen" => listen = place()?,
            "--service-id" => settings.service_id = value.clone(),
            "--secret" => settings.secret = value.clone(),
            "--template-id" => settings.template_id = value.clone(),
            "--template" => settings.template = value.clone(),
            "--prefix" => settings.prefix = Some(value.clone()),
            "--from" => settings.from = value.clone(),
            "--per-minute" => settings.per_minute = number()?,
            "--burst" => settings.burst = number()?,
            "--per-day" => settings.per_day = number()?.into(),
            "--page" => settings.page = usize::try_from(number()?).unwrap_or(usize::MAX),
            "--deliver-after-ms" => settings.deliver_after_ms = number()?.into(),
            "--callback" => callback = Some(place()?),
            "--callback-token" => token = value.clone(),
            "--seed" => faults.seed = number()?.into(),
            "--slow-ms" => faults.slow_ms = number()?.into(),
            "--search-lag-ms" => faults.search_lag_ms = number()?.into(),
            "--close-before" => faults.close_before = number()?,
            "--close-after" => faults.close_after = number()?,
            "--cut-answer" => faults.cut_answer = number()?,
            "--error-before" => faults.error_before = number()?,
            "--error-after" => faults.error_after = number()?,
            "--garbled" => faults.garbled = number()?,
            "--slow-store" => faults.slow_store = number()?,
            "--slow-answer" => faults.slow_answer = number()?,
            "--search-error" => faults.search_error = number()?,
            "--callback-twice" => faults.callback_twice = number()?,
            "--callback-lost" => faults.callback_lost = number()?,
            other => return Err(format!("`{other}` is not known\n{USAGE}")),
        }
    }
    settings.callback = callback.map(|place| (place, token));
    Ok((listen, settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_settings() {
        let said = "--listen 127.0.0.1:7 --per-day 5 --callback 127.0.0.1:8 --callback-token t --garbled 9";
        let words: Vec<String> = said.split(' ').map(str::to_owned).collect();
        let (listen, settings) = read(&words).unwrap();
        assert_eq!(listen.port(), 7);
        assert_eq!((settings.per_day, settings.faults.garbled), (5, 9));
        assert_eq!(settings.callback.unwrap().1, "t");
        assert!(read(&["--garbled".into()]).is_err());
        assert!(
            read(&["--nonsense".into(), "1".into()])
                .unwrap_err()
                .contains("--listen")
        );
    }

    #[test]
    fn every_name_that_is_shown_is_known() {
        for name in USAGE
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let name = name.trim_end_matches("]...").to_owned();
            if name == "--NAME" {
                continue;
            }
            let value = if name.ends_with("listen") || name.ends_with("callback") {
                "127.0.0.1:1"
            } else {
                "1"
            };
            assert!(read(&[name.clone(), value.into()]).is_ok(), "{name}");
        }
    }
}
