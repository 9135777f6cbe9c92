package formattest

import "regexp"

var isolated = regexp.MustCompile("\u2068([^\u2068\u2069\n]+)\u2069")

// WithoutIsolates is a text without the pairs of signs that a renderer puts around
// letters from right to left. One that stands alone is left: it would reach into
// what follows.
func WithoutIsolates(text string) string { return isolated.ReplaceAllString(text, "$1") }
