"""How large a register file may be. Beyond it a sentence asks to split the file."""

MIB = 1024 * 1024
LARGEST_UNPACKED = 1_200 * MIB
SUSPICIOUS_PART = 20 * MIB
LARGEST_RATIO = 150  # real workbooks reach 10 to 50
MOST_PARTS = 2_000
MEMORY = 1_024 * MIB  # address space of the reading process
SECONDS = 300  # processor time of the reading process
MOST_COLUMNS = 300
MOST_ROWS = 1_048_576
LONGEST_CELL = 10_000  # characters handed on; far beyond any limit of a field
ROWS_PER_LINE = 500
MOST_FILES = 100  # in one intake
