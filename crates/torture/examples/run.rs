#![allow(clippy::print_stdout)]
fn main() {
    if let Ok(seed) = std::env::var("PLOT") {
        println!("{:#?}", torture::Plot::of_seed(seed.parse().unwrap()));
        return;
    }
    if std::env::var_os("RUST_LOG").is_some() {
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .init();
    }
    let args: Vec<u64> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (from, count, workers) = (args[0], args[1], args[2] as usize);
    let started = std::time::Instant::now();
    let summary = torture::seeds(from, count, workers, |outcome| println!("FAILED {outcome:?}")).unwrap();
    let took = started.elapsed().as_secs_f64();
    println!("{count} seeds in {took:.2} s = {:.1}/s", count as f64 / took);
    let _ = summary;
}
