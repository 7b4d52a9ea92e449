//! Values as words: money, yes and no, several in one.

use std::borrow::Cow;

use crate::json::Value;

/// Words that may be absent.
pub(crate) type Words<'a> = Option<Cow<'a, str>>;

/// Those words that are present, joined by commas.
pub(crate) fn joined<const N: usize>(words: [Words<'_>; N]) -> Words<'static> {
    let words: Vec<Cow<'_, str>> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", ").into())
}

/// Dollars as the API gives them.
pub(crate) fn usd(amount: Words<'_>) -> Words<'static> {
    amount.map(|amount| format!("{amount} USD").into())
}

/// Whole cents as `120.50 USD`; anything but a whole number as it is.
pub(crate) fn cents(amount: Words<'_>, currency: &str) -> Words<'static> {
    let amount = amount?;
    let Ok(cents) = amount.parse::<i64>() else {
        return Some(format!("{amount} cents").into());
    };
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    let money = format!("{sign}{}.{:02} {currency}", cents / 100, cents % 100);
    Some(money.trim_end().to_owned().into())
}

/// Whether an identity is verified, in words; anything but a boolean as it came.
pub(crate) fn verified(value: Value<'_>) -> Words<'static> {
    match value.raw() {
        "true" => Some("verified".into()),
        "false" => Some("not verified".into()),
        _ => value.text().map(|text| text.into_owned().into()),
    }
}

/// Words for a cell of a table; empty when there are none.
pub(crate) fn cell(words: Words<'_>) -> String {
    words.unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::cents;

    #[test]
    fn cents_are_shown_as_money() {
        for (amount, money) in [
            ("12050", "120.50 USD"),
            ("-3300", "-33.00 USD"),
            ("-5", "-0.05 USD"),
            ("0", "0.00 USD"),
            ("1.5", "1.5 cents"),
        ] {
            assert_eq!(cents(Some(amount.into()), "USD").unwrap(), money);
        }
        assert_eq!(cents(None, "USD"), None);
    }
}
