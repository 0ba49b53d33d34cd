//! Regions: where an organisation lives, by AWS name or by domain.

use std::fmt;

/// A region of Genesys Cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// The name of the AWS region, for example `eu-central-1`.
    pub name: &'static str,
    /// The domain below which its hosts lie, for example `mypurecloud.de`.
    pub domain: &'static str,
}

/// No region has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownRegion {
    /// What was asked for.
    pub text: String,
    /// The names and domains that look like it, the best first; empty when none does.
    pub near: Vec<&'static str>,
}

impl Region {
    /// Every public region. The official Python SDK, the command line client and the Terraform
    /// provider agree on this table.
    pub const ALL: [Self; 18] = [
        Self { name: "us-east-1", domain: "mypurecloud.com" },
        Self { name: "us-east-2", domain: "use2.us-gov-pure.cloud" },
        Self { name: "us-west-2", domain: "usw2.pure.cloud" },
        Self { name: "ca-central-1", domain: "cac1.pure.cloud" },
        Self { name: "mx-central-1", domain: "mxc1.pure.cloud" },
        Self { name: "sa-east-1", domain: "sae1.pure.cloud" },
        Self { name: "eu-west-1", domain: "mypurecloud.ie" },
        Self { name: "eu-west-2", domain: "euw2.pure.cloud" },
        Self { name: "eu-central-1", domain: "mypurecloud.de" },
        Self { name: "eu-central-2", domain: "euc2.pure.cloud" },
        Self { name: "eusc-de-east-1", domain: "edee1.eusc-pure.cloud" },
        Self { name: "me-central-1", domain: "mec1.pure.cloud" },
        Self { name: "ap-south-1", domain: "aps1.pure.cloud" },
        Self { name: "ap-southeast-1", domain: "apse1.pure.cloud" },
        Self { name: "ap-southeast-2", domain: "mypurecloud.com.au" },
        Self { name: "ap-northeast-1", domain: "mypurecloud.jp" },
        Self { name: "ap-northeast-2", domain: "apne2.pure.cloud" },
        Self { name: "ap-northeast-3", domain: "apne3.pure.cloud" },
    ];

    /// The region with this AWS name (in any case, with hyphens or underscores, as the vendor's tools
    /// spell them) or this domain, with or without `api.` or `login.` before it.
    pub fn named(text: &str) -> Result<Self, UnknownRegion> {
        let wanted = text.trim().to_ascii_lowercase();
        let domain = ["api.", "login."].iter().find_map(|host| wanted.strip_prefix(host)).unwrap_or(&wanted);
        let name = wanted.replace('_', "-");
        Self::ALL
            .into_iter()
            .find(|region| region.name == name || region.domain == domain)
            .ok_or_else(|| UnknownRegion { text: text.to_owned(), near: near(&name) })
    }
}

fn near(wanted: &str) -> Vec<&'static str> {
    let allowed = 1 + wanted.len() / 4;
    let mut close: Vec<(usize, &str)> = Region::ALL
        .iter()
        .flat_map(|region| [region.name, region.domain])
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    close.sort_unstable();
    close.into_iter().map(|(_, name)| name).take(3).collect()
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no region `{}`", self.text)?;
        if self.near.is_empty() {
            f.write_str(": use an AWS name such as `us-east-1` or a domain such as `mypurecloud.com`")
        } else {
            write!(f, "; did you mean {}?", self.near.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_region_by_name_and_by_domain() {
        for region in Region::ALL {
            for text in [
                region.name.to_owned(),
                region.name.to_uppercase(),
                region.name.replace('-', "_"),
                region.domain.to_owned(),
                format!("api.{}", region.domain),
                format!(" {} ", region.name),
            ] {
                assert_eq!(Region::named(&text), Ok(region), "{text}");
            }
        }
    }

    #[test]
    fn lists_near_names_for_a_misspelt_one() {
        for (text, near) in [
            ("eu-centrl-1", Some("eu-central-1")),
            ("mypurecloud.dd", Some("mypurecloud.de")),
            ("us-east-3", Some("us-east-1")),
            ("nowhere", None),
            ("", None),
        ] {
            let error = Region::named(text).unwrap_err();
            assert_eq!(error.near.first().copied(), near, "{text}");
            assert!(error.to_string().contains(near.unwrap_or("us-east-1")), "{error}");
        }
    }
}
