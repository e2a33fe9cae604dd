"""Speed and memory: `make bench`, with its tables in docs/benchmarks.md."""
