//! What a scalar means: the core schema of YAML 1.2, and the tags that overrule it.

use serde_json::Number;

use super::Value;

/// The tags of the core schema that scalars may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarTag {
    /// `!!str`, or the lone `!`.
    Str,
    /// `!!int`.
    Int,
    /// `!!float`.
    Float,
    /// `!!bool`.
    Bool,
    /// `!!null`.
    Null,
}

/// What an unquoted scalar means.
///
/// Stricter than the core schema where YAML versions and libraries differ: `0755` and `1_000` stay
/// text, as do `.inf` and `.nan`, which JSON cannot hold.
pub fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// What a scalar with a tag means; `None` when the text does not fit the tag.
pub fn tagged(text: &str, tag: ScalarTag) -> Option<Value> {
    match (tag, plain(text)) {
        (ScalarTag::Str, _) => Some(Value::String(text.to_owned())),
        (ScalarTag::Int, Value::Number(number)) if !number.is_f64() => Some(Value::Number(number)),
        (ScalarTag::Float, value @ Value::Number(_))
        | (ScalarTag::Bool, value @ Value::Bool(_))
        | (ScalarTag::Null, value @ Value::Null) => Some(value),
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    // Most scalars are words: one look at the first byte settles those.
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let some_digit = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    if !some_digit || leading_zero || !digits(whole) || !fraction.is_none_or(digits) || !exponent_fits {
        return None;
    }
    let plus_free = text.strip_prefix('+').unwrap_or(text);
    if fraction.is_none() && exponent.is_none() {
        if let Ok(number) = plus_free.parse::<u64>() {
            return Some(number.into());
        }
        if let Ok(number) = plus_free.parse::<i64>() {
            return Some(number.into());
        }
    }
    // Not finite when the exponent is too large: then the text stays text.
    plus_free.parse::<f64>().ok().and_then(Number::from_f64)
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    // `from_str_radix` would also take a sign.
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain { u64::from_str_radix(digits, radix).ok().map(Number::from) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unquoted_scalars_follow_yaml_1_2() {
        for text in [
            "09:00",
            "09:00:00",
            "12:30",
            "2027-03-14",
            "yes",
            "no",
            "NO",
            "on",
            "off",
            "y",
            "0755",
            "1_000",
            ".inf",
            ".nan",
            "-",
            ".",
            "+",
            "1e",
            "0x",
            "0xg",
            "0o8",
            "0x+1",
            "1.2.3",
            "1e999",
            "--1",
            "5b1c",
            "1e5x",
        ] {
            assert_eq!(plain(text), Value::String(text.into()), "{text}");
        }
        for (text, value) in [
            ("0", json!(0)),
            ("25", json!(25)),
            ("+25", json!(25)),
            ("-3", json!(-3)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("1.0", json!(1.0)),
            (".5", json!(0.5)),
            ("1.", json!(1.0)),
            ("1e3", json!(1000.0)),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!(18_446_744_073_709_551_616_f64)),
        ] {
            let serde_json::Value::Number(number) = value else { unreachable!() };
            assert_eq!(plain(text), Value::Number(number), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Value::Null, "{text}");
        }
        assert_eq!((plain("True"), plain("FALSE")), (Value::Bool(true), Value::Bool(false)));
    }

    #[test]
    fn tags_overrule_and_are_checked() {
        assert_eq!(tagged("1", ScalarTag::Str), Some(Value::String("1".into())));
        assert_eq!(tagged("", ScalarTag::Str), Some(Value::String(String::new())));
        assert_eq!(tagged("1", ScalarTag::Int), Some(Value::Number(1.into())));
        for (text, tag) in
            [("1.5", ScalarTag::Int), ("x", ScalarTag::Float), ("yes", ScalarTag::Bool), ("0", ScalarTag::Null)]
        {
            assert_eq!(tagged(text, tag), None, "{text} {tag:?}");
        }
    }
}
