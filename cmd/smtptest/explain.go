package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe/bounce"
	"smtptest/probe/explain"
)

// explainedFile reports that what is to be explained stands in a file: “-” is
// standard input. A single word is a file where there is one of that name, and
// it looks like one.
func explainedFile(args []string) (file string, asJSON, ok bool) {
	if len(args) < 2 || args[0] != "explain" {
		return "", false, false
	}
	rest := slices.DeleteFunc(slices.Clone(args[1:]), func(a string) bool { return a == "--json" || a == "-json" })
	asJSON = len(rest) < len(args)-1
	if len(rest) != 1 {
		return "", asJSON, asJSON && len(rest) == 0
	}
	if file = rest[0]; file == "-" || asJSON {
		return file, asJSON, true
	}
	info, err := os.Stat(file)
	path := strings.ContainsRune(file, filepath.Separator)
	found := err == nil && info.Mode().IsRegular() && (path || filepath.Ext(file) != "")
	return file, false, found || filepath.IsAbs(file) || filepath.Ext(file) == ".eml"
}

// explainedInput explains a file or what comes on standard input: a bounce, a
// header, a stack trace or a log has more lines than one types as arguments. The
// end of a longer one is not read. The answer never repeats the text, so no
// secret and no mail address in it is shown.
func explainedInput(t *terminal, file string, asJSON bool) int {
	in := t.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return unreadable(t, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, bounce.MaxOctets))
	if err != nil {
		return unreadable(t, err)
	}
	return explained(t, string(text), asJSON)
}

func unreadable(t *terminal, err error) int {
	return usage(t, consoleError("The file cannot be read: "+cannotOpen(err)+
		". explain takes the name of a file, or - for standard input."))
}

func cannotOpen(err error) string {
	switch {
	case errors.Is(err, syscall.EISDIR):
		return "it is a directory"
	case errors.Is(err, fs.ErrNotExist):
		return "there is none of that name"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not read it"
	}
	return "the system does not let it be opened"
}

// explained answers a question that needs no server. What is not known here
// is inconclusive.
func explained(t *terminal, text string, asJSON bool) int {
	if n, ok := bounce.Read(text); ok {
		return bounced(t, n, asJSON)
	}
	if asJSON {
		return usage(t, consoleError("--json is for a bounce or the header of a message, and this is none. Leave it out."))
	}
	e := explain.Of(text)
	fmt.Fprint(t.out, strings.TrimLeft(plain.Body(formatting.Explanation(e, formatting.Terminal), t.style()), "\n"))
	if len(e.Items) == 0 {
		return exitInconclusive
	}
	return exitWorking
}

// bounced shows what a bounce or a header says.
func bounced(t *terminal, n bounce.Notice, asJSON bool) int {
	if asJSON {
		out, err := jsonreport.EncodeBounce(n)
		if err != nil {
			fmt.Fprintln(t.err, "The answer could not be written as JSON:", err)
			return exitSoftware
		}
		fmt.Fprint(t.out, string(out))
		return exitWorking
	}
	fmt.Fprint(t.out, plain.Render(formatting.Bounce(n, formatting.Terminal), t.style()))
	return exitWorking
}
