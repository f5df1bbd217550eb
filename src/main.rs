//! x
fn main() {
    let mut r = supconv::cli::Reading { environment: Some(vec![("HOME".into(), "/root".into())]), node: Some("n".into()), ..Default::default() };
    let open = std::env::args().any(|a| a == "--open");
    if open { r.environment = None; r.node = None; }
    for p in std::env::args().skip(1).filter(|a| !a.starts_with("--")) { println!("{}", supconv::cli::show::json_line(&p, &r, false)); }
}
