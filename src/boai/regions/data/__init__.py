"""The shipped list of divisions and its pinyin table; README.md names source, date and licence."""
