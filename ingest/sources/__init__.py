"""One reader per provider; each declares its files, columns, units, licence and citation."""
