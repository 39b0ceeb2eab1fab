//! Tokens: JSON web tokens, HS256, no older or newer than 30 seconds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::Settings;

const MOST_SECONDS: u64 = 30;

/// Judges a token; the status and text of the refusal, where there is one.
pub(super) fn judge(
    token: Option<&str>,
    settings: &Settings,
    now_s: u64,
) -> Result<(), (u16, String)> {
    let Some(token) = token else {
        return Err((
            401,
            "Unauthorized: authentication token must be provided".into(),
        ));
    };
    let invalid = |what: &str| Err((403, format!("Invalid token: {what}")));
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return invalid("signature, api token is not valid");
    };
    let json = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (Some(header), Some(claims_read)) = (json(head), json(claims)) else {
        return invalid("signature, api token is not valid");
    };
    if header["alg"] != "HS256" || header["typ"] != "JWT" {
        return invalid("algorithm used is not HS256");
    }
    let Some(issuer) = claims_read["iss"].as_str() else {
        return invalid("iss field not provided");
    };
    if issuer != settings.service_id {
        return invalid("service not found");
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(settings.secret.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(format!("{head}.{claims}").as_bytes());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    if mac.verify_slice(&signature).is_err() {
        return invalid("API key not found");
    }
    match claims_read["iat"].as_u64() {
        Some(issued) if issued.abs_diff(now_s) <= MOST_SECONDS => Ok(()),
        Some(_) => Err((
            403,
            "Error: Your system clock must be accurate to within 30 seconds".into(),
        )),
        None => invalid("iat field not provided"),
    }
}
