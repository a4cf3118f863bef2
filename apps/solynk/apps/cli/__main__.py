import sys

from solynk.apps.cli import main

sys.exit(main())
