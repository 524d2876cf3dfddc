"""`python -m boai.launcher WORDS…`: what ./boai calls inside the environment."""

from __future__ import annotations

import os
import sys

from boai.launcher.failures import LaunchError

HELP = """博爱 Boai

  ./boai up [--host H] [--port P] [--no-demo]   启动全部服务 / run everything
  ./boai test [--explore] [PATH…]               检查并测试 / check, then test
  ./boai check                                  静态检查 / static checks only
  ./boai bench NAME | --list                    性能测量 / one JSON line of figures
  ./boai profile NAME                           看时间花在哪里 / where a bench's time goes
  ./boai backup FILE · ./boai restore FILE      备份与恢复 / backup and restore
  ./boai keys status | new | rotate | drop      更换密钥 / change the master key
  ./boai reset --yes                            重置演示 / begin the demo anew
  ./boai catalogue [--check] [APP…]             中文目录 / message catalogues
  ./boai intake FILE --branch CODE …            导入名册 / import a register
  ./boai <management command>                   其他管理命令 / any management command
"""


def main(words: list[str]) -> int:
    """Dispatch the first word; the exit code."""
    command, rest = words[0], words[1:]
    if command in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if command == "up":
        from boai.launcher.stack import up

        return up(rest)
    if command == "test":
        from boai.launcher.testing import test

        return test(rest)
    if command == "check":
        from boai.launcher.testing import check

        return check()
    if command in ("bench", "profile"):
        from boai.launcher.benching import bench

        return bench(rest, profile=command == "profile")
    if command == "catalogue":
        from boai.launcher.catalogue import main as catalogue

        return catalogue(rest)
    if command in ("backup", "restore"):
        from boai.launcher import backup

        return backup.backup(rest) if command == "backup" else backup.restore(rest)
    if command == "keys":
        from boai.launcher.keyring import keyring

        return keyring(rest)
    if command == "reset":
        from boai.launcher.reset import reset

        return reset(rest)
    from boai.launcher.manage import manage

    return manage(words)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LaunchError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os._exit(141)
