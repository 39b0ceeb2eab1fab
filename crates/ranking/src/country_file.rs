//! Countries of addresses, by a file in MaxMind's format that the user brings along.

use std::fmt;
use std::net::IpAddr;

use maxminddb::{PathElement, Reader};
use unspoof_model::Region;

use crate::error::CountryFileError;

/// A country file, held in memory. It says where an address was registered or estimated to be when
/// the file was made: weak evidence, and none for a VPN's exit.
pub struct CountryFile {
    reader: Reader<Vec<u8>>,
}

impl fmt::Debug for CountryFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountryFile")
            .field("type", &self.database_type())
            .field("built_utc_s", &self.built_utc_s())
            .finish_non_exhaustive()
    }
}

const PATH: &[PathElement<'_>] = &[PathElement::Key("country"), PathElement::Key("iso_code")];

impl CountryFile {
    /// Reads a file's bytes, such as those of GeoLite2-Country or DB-IP's.
    ///
    /// # Errors
    /// [`CountryFileError`]
    pub fn new(bytes: Vec<u8>) -> Result<Self, CountryFileError> {
        let reader = Reader::from_source(bytes)
            .map_err(|source| CountryFileError::NotMaxMind(Box::new(source)))?;
        let database_type = &reader.metadata().database_type;
        let tells = ["Country", "City", "Enterprise"];
        if !tells.iter().any(|word| database_type.contains(word)) {
            return Err(CountryFileError::NoCountries {
                database_type: database_type.clone(),
            });
        }
        Ok(Self { reader })
    }

    /// Returns the type that the file gives itself.
    #[must_use]
    pub fn database_type(&self) -> &str {
        &self.reader.metadata().database_type
    }

    /// Returns how many nodes its search tree has; 0 for a file that knows no address.
    #[must_use]
    pub fn networks(&self) -> usize {
        self.reader.metadata().node_count as usize
    }

    /// Returns when the file says that it was made, in seconds since 1970 (UTC).
    #[must_use]
    pub fn built_utc_s(&self) -> u64 {
        self.reader.metadata().build_epoch
    }

    /// Returns the country of an address; none where the file does not tell.
    ///
    /// # Errors
    /// [`CountryFileError::Damaged`]
    pub fn country(&self, address: IpAddr) -> Result<Option<Region>, CountryFileError> {
        // A file of IPv4 alone knows nothing of the others, and that is no damage.
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let damaged = |source| CountryFileError::Damaged(Box::new(source));
        let found = self.reader.lookup(address).map_err(damaged)?;
        let code: Option<&str> = found.decode_path(PATH).map_err(damaged)?;
        Ok(code.and_then(|code| code.parse().ok()))
    }
}
