package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPictures: each picture is what its text says (go run ./internal/diagram draws them anew).
func TestPictures(t *testing.T) {
	texts, err := filepath.Glob("*.txt")
	if err != nil || len(texts) == 0 {
		t.Fatalf("%d texts, %v", len(texts), err)
	}
	for _, file := range texts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := picture(string(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".svg")
		if err != nil || string(got) != want {
			t.Errorf("the picture of %s is not what the text says: go run ./internal/diagram (%v)", file, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, text := range []string{"P", "P Provider\nP -> X words", "P Provider\nX : words", "P Provider\nP words more"} {
		if _, err := picture(text); err == nil {
			t.Errorf("%q was drawn", text)
		}
	}
}
