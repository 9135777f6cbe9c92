// Package browser shows the playground to a real Chromium. Its tests build the
// program, start it, and do what a person does: type, press, open a thread,
// fill in a form, look through the eyes of somebody else. They ask for no error
// on the console and no report of the Content-Security-Policy.
//
// It is a module of its own, so that what drives the browser is no dependency
// of the program, and `go test ./...` needs no browser. Run it with
// `.ci/run browser`.
package browser
