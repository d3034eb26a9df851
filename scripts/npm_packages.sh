# Sourced by ./test: npm packages for tests: the official SDKs as clients, and axe-core, which looks at the report. Exact
# versions, and no lock file, since those record the addresses of registries.
sdk_node=sa-sdk-node@1.2.6
sdk_web=sa-sdk-javascript@1.27.11
axe_core=axe-core@4.10.3

# prepare_npm_packages FOLDER: installs them there, once; says so where it cannot.
prepare_npm_packages() {
    wanted="$sdk_node $sdk_web $axe_core"
    if [ "$(cat "$1/.installed" 2>/dev/null)" = "$wanted" ]; then return 0; fi
    if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
        echo "test: no node or npm: tests with the official Node and Web SDKs and with axe-core will be skipped" >&2
        return 0
    fi
    mkdir -p "$1"
    # They are only read and run by tests, so no package's own script has to run at installation. By itself npm asks a
    # registry that does not answer for more than a quarter of an hour.
    if timeout 120 npm install --prefix "$1" --no-package-lock --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
        "$sdk_node" "$sdk_web" "$axe_core" >/dev/null 2>&1
    then echo "$wanted" > "$1/.installed"
    else echo "test: npm cannot install $wanted: tests with them will be skipped" >&2; fi
}
