"""期间计算的纯核心: statutory time limits as arithmetic, without a database, a framework or a clock of its own."""
