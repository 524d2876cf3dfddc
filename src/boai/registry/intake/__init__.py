"""From the bytes of a register file to checked people. Pure: no database, no Django models.

reader    a process of its own that opens the file (it may be hostile) and hands out raw rows
stream    starts and guards that process
columns   which field a heading means
layout    where the table of a sheet begins, and which rows are people
cells     from a cell to a value or a fault
people    from a row to a person with findings, from rows to households
rules     every rule with its severity and its sentence
"""
