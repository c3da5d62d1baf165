//! Builds plans and archives byte by byte: plans as `planfile.proto` of Terraform 1.1 and later has them.

/// A number of variable length.
fn number(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A field that holds a number.
pub fn count(field: u64, value: u64) -> Vec<u8> {
    [number(field << 3), number(value)].concat()
}

/// A field that holds text or a message.
pub fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [number(field << 3 | 2), number(value.len() as u64), value.to_vec()].concat()
}

/// What is done to a resource, by the numbers of the format.
pub fn change(address: &str, action: u64) -> Vec<u8> {
    bytes(3, resource(address, action))
}

/// The same without the field that it stands in.
pub fn resource(address: &str, action: u64) -> Vec<u8> {
    let values = bytes(2, bytes(1, [0xc0]));
    [bytes(13, address), bytes(8, "provider"), bytes(9, [count(1, action), values].concat())].concat()
}

/// The text of a plan.
pub fn plan_text(parts: &[Vec<u8>]) -> Vec<u8> {
    let backend = bytes(13, [bytes(1, "local"), bytes(3, "default")].concat());
    [count(1, 3), backend, bytes(14, "1.9.0"), parts.concat(), bytes(21, "2026-01-01T00:00:00Z")].concat()
}

/// A plan.
pub fn plan(parts: &[Vec<u8>]) -> Vec<u8> {
    zip(&[("tfplan", plan_text(parts)), ("tfstate", b"{}".to_vec()), ("tfconfig/m-/main.tf", b"#".to_vec())])
}

/// A zip archive, deflated.
pub fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, text) in members {
        let packed = miniz_oxide::deflate::compress_to_vec(text, 6);
        let head = |size: usize| {
            let mut head = Vec::new();
            head.extend(20_u16.to_le_bytes());
            head.extend(0_u16.to_le_bytes());
            head.extend(8_u16.to_le_bytes());
            head.extend([0; 8]);
            head.extend((packed.len() as u32).to_le_bytes());
            head.extend((size as u32).to_le_bytes());
            head.extend((name.len() as u16).to_le_bytes());
            head.extend(0_u16.to_le_bytes());
            head
        };
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(head(text.len()));
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(head(text.len()));
        out.extend(name.as_bytes());
        out.extend(&packed);
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([(members.len() as u16).to_le_bytes(), (members.len() as u16).to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out
}
