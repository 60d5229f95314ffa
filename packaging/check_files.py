"""Lint what nothing here can run: GitHub workflows, Dockerfile, conda recipe.

``make package`` runs it; the linters are those of the dependency group ``packaging``.
"""

import subprocess
import sys
from pathlib import Path

from rattler_build import Stage0Recipe, VariantConfig

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent


def main() -> None:
    """Run the linters; the first that finds a fault ends this with its message."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    schema = "--builtin-schema", "vendor.github-workflows"
    for command in (
        ("check-jsonschema", *schema, *workflows),
        ("hadolint", ROOT / "packaging" / "container" / "Dockerfile"),
    ):
        done = subprocess.run([PROGRAMS / command[0], *command[1:]], check=False)
        if done.returncode:
            sys.exit(done.returncode)
    recipe = Stage0Recipe.from_file(ROOT / "packaging" / "conda" / "recipe.yaml")
    (variant,) = recipe.render(VariantConfig())
    print(f"conda recipe: {variant.recipe.package}")


if __name__ == "__main__":
    main()
