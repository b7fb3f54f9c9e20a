// Sbom writes a bill of materials of a release's archive: SPDX 2.3, in JSON.
//
//	go run ./internal/sbom ARCHIVE.zip DOCUMENT.spdx.json
//
// It says of which modules, at which versions and with which checksums the program in the archive is made, as the Go
// linker wrote it into the program. The same archive gives the same document, so a release can be made again and
// compared. (The scanners that goreleaser knows put the time and random names in, and take longer to build than all
// the rest.)
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom ARCHIVE.zip DOCUMENT.spdx.json")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func write(archive, path string) error {
	content, err := os.ReadFile(filepath.Clean(archive))
	if err != nil {
		return err
	}
	info, modified, err := program(content)
	if err != nil {
		return fmt.Errorf("reading what %s is made of: %w", archive, err)
	}
	text, err := json.MarshalIndent(bill(filepath.Base(archive), sha256.Sum256(content), modified, info), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644) //nolint:gosec // it is published
}

// program finds the provider in an archive, and returns what Go wrote into it and the time that the archive gives it.
func program(archive []byte) (info *debug.BuildInfo, modified string, err error) {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, "", err
	}
	for _, file := range files.File {
		if !strings.HasPrefix(file.Name, "terraform-provider-") {
			continue
		}
		r, err := file.Open()
		if err != nil {
			return nil, "", err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, "", err
		}
		info, err := buildinfo.Read(bytes.NewReader(content))
		return info, file.Modified.UTC().Format("2006-01-02T15:04:05Z"), err
	}
	return nil, "", fmt.Errorf("there is no provider among its %d files", len(files.File))
}

// An spdx document, as far as it is needed: https://spdx.github.io/spdx-spec/v2.3/.
type document struct {
	ID            string         `json:"SPDXID"`
	Version       string         `json:"spdxVersion"`
	Name          string         `json:"name"`
	DataLicense   string         `json:"dataLicense"`
	Namespace     string         `json:"documentNamespace"`
	Creation      creation       `json:"creationInfo"`
	Packages      []pkg          `json:"packages"`
	Relationships []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type pkg struct {
	ID            string      `json:"SPDXID"`
	Name          string      `json:"name"`
	Version       string      `json:"versionInfo"`
	Location      string      `json:"downloadLocation"`
	FilesAnalyzed bool        `json:"filesAnalyzed"`
	Checksums     []checksum  `json:"checksums,omitempty"`
	References    []reference `json:"externalRefs,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type reference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Related string `json:"relatedSpdxElement"`
	Type    string `json:"relationshipType"`
}

func bill(archive string, sum [sha256.Size]byte, modified string, info *debug.BuildInfo) document {
	const root = "SPDXRef-Archive"
	digest := hex.EncodeToString(sum[:])
	name := strings.TrimSuffix(archive, ".zip")
	d := document{
		ID: "SPDXRef-DOCUMENT", Version: "SPDX-2.3", Name: archive, DataLicense: "CC0-1.0",
		Namespace: "https://" + info.Main.Path + "/releases/" + archive + "/" + digest,
		Creation:  creation{modified, []string{"Tool: " + info.Main.Path + "/internal/sbom"}},
		Packages: []pkg{{
			ID: root, Name: info.Main.Path, Version: strings.Split(name, "_")[1], Location: "NOASSERTION",
			Checksums: []checksum{{"SHA256", digest}},
		}},
		Relationships: []relationship{{"SPDXRef-DOCUMENT", root, "DESCRIBES"}},
	}
	// The standard library is a part like any other, with vulnerabilities of its own.
	parts := []*debug.Module{{Path: "stdlib", Version: strings.TrimPrefix(info.GoVersion, "go")}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		parts = append(parts, m)
	}
	for i, m := range parts {
		p := pkg{
			ID: fmt.Sprintf("SPDXRef-Module-%d", i), Name: m.Path, Version: m.Version, Location: "NOASSERTION",
			References: []reference{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + m.Version}},
		}
		// "h1:" is the SHA-256 of go.sum: of the list of the module's files with theirs.
		if h, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil && len(h) == sha256.Size {
			p.Checksums = []checksum{{"SHA256", hex.EncodeToString(h)}}
		}
		d.Packages = append(d.Packages, p)
		d.Relationships = append(d.Relationships, relationship{root, p.ID, "CONTAINS"})
	}
	return d
}
