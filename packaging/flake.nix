# Untested: written by the names of nixpkgs, never built.
#   nix build 'git+file:.?dir=packaging'
# Without CSDP; GLPK (GPL-3+) is called from a shared object of its own (docs/packages.md).
{
  description = "Global optima of two-layer polynomial-activation networks, proven";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05";
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      build = system:
        let pkgs = nixpkgs.legacyPackages.${system};
        in pkgs.stdenv.mkDerivation {
          pname = "zerogap";
          version = "0.2.0";
          src = ../.;
          nativeBuildInputs = with pkgs; [ meson ninja pkg-config python3 ];
          buildInputs = with pkgs; [
            bzip2 glpk gmp jansson lapack-reference libarchive liblbfgs libcsv libmd libyaml openblas xz zlib
          ];
          mesonFlags = [ "-Dcsdp=disabled" "-Dglpk=plugin" "-Dbench=disabled" "-Dtests=disabled" ];
        };
    in {
      packages = nixpkgs.lib.genAttrs systems (system: { default = build system; });
    };
}
