package conformance

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/review"
)

// browse runs a real browser on a page, and returns what it made of it.
func browse(t *testing.T, page string, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + t.TempDir()}, args...)
	c := exec.CommandContext(t.Context(), "chromium", append(args, "file://"+file)...)
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, errs.String())
	}
	return out
}

func pageOf(t *testing.T, plan string) string {
	t.Helper()
	f, err := os.Open(filepath.Join(plans, plan))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := review.Read(f, review.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	styles  = regexp.MustCompile(`(?s)<style>.*</style>`)
	matrix  = regexp.MustCompile(`(?s)<svg id="matrix".*?</svg>`)
	changed = regexp.MustCompile(`<rect class="change" x="(\d+)" y="(\d+)"`)
	uses    = regexp.MustCompile(`<use href="#(\w+)" x="(\d+)" y="(\d+)"`)
)

// TestPicture lets a browser draw the matrix alone, and looks at the pixels in black and white: each shape is what its level
// is to look like, and every cell that changes has a frame.
func TestPicture(t *testing.T) {
	page := pageOf(t, "fleet-open-ssh.json")
	drawing := matrix.FindString(page)
	alone := "<!DOCTYPE html><meta charset=utf-8>" + styles.FindString(page) + "<style>body{margin:0;padding:0;max-width:none}svg{display:block}</style>" + drawing
	shot := filepath.Join(t.TempDir(), "matrix.png")
	browse(t, alone, "--window-size=1200,600", "--force-device-scale-factor=1", "--screenshot="+shot)
	f, err := os.Open(filepath.Clean(shot))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, u := range uses.FindAllStringSubmatch(drawing, -1) {
		var x, y int
		if _, err := fmt.Sscan(u[2]+" "+u[3], &x, &y); err != nil {
			t.Fatal(err)
		}
		left, right := dark(picture, x+4, y+8), dark(picture, x+12, y+8)
		want := map[string][2]bool{"world": {true, true}, "some": {true, false}, "nobody": {false, false}}[u[1]]
		if [2]bool{left, right} != want {
			t.Errorf("%s at %d,%d: left half dark %v, right half dark %v", u[1], x, y, left, right)
		}
		seen[u[1]]++
	}
	frames := changed.FindAllStringSubmatch(drawing, -1)
	for _, c := range frames {
		var x, y int
		if _, err := fmt.Sscan(c[1]+" "+c[2], &x, &y); err != nil {
			t.Fatal(err)
		}
		if !dark(picture, x+32, y) || !dark(picture, x, y+20) {
			t.Errorf("the cell at %d,%d has no frame", x, y)
		}
	}
	if seen["world"] < 5 || seen["some"] < 2 || seen["nobody"] < 5 || len(frames) != 2 {
		t.Errorf("%v, %d frames: the picture tests too little", seen, len(frames))
	}
}

// dark reports whether a pixel is nearer to black than to white, whatever its colour.
func dark(picture image.Image, x, y int) bool {
	r, g, b, _ := picture.At(x, y).RGBA()
	return (299*r+587*g+114*b)/1000 < 1<<15
}

// TestPage lets a browser read the whole page: it has all its parts, and what is folded is folded.
func TestPage(t *testing.T) {
	dom := string(browse(t, pageOf(t, "owned-change.json"), "--dump-dom"))
	for _, want := range []string{
		`<h2>Who reaches what</h2>`, `<svg id="matrix"`, `<li>HTTPS (443/tcp) on all1 becomes reachable from anywhere.</li>`,
		`<strong>nothing-listens</strong>`, `<span class="added">+-A INPUT -p tcp -m tcp --dport 443 `,
	} {
		if !strings.Contains(dom, want) {
			t.Errorf("the page as a browser has it lacks %s", want)
		}
	}
	hostile, err := os.ReadFile("../testdata/reports/hostile.html")
	if err != nil {
		t.Fatal(err)
	}
	made := string(browse(t, string(hostile), "--dump-dom"))
	if strings.Contains(made, "<script") || strings.Contains(made, "<img") || !strings.Contains(made, "&lt;script&gt;") || !strings.HasSuffix(strings.TrimSpace(made), "</body></html>") {
		t.Error("text of a plan became elements of the page")
	}
	if strings.Contains(dom, "<details open") || strings.Count(dom, "<details>") != 2 {
		t.Error("the hosts are not folded")
	}
}
