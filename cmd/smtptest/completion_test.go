package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"smtptest/bot/command"
)

// TestCompletion lets bash complete.
func TestCompletion(t *testing.T) {
	code, script, errOut := typed(t, t.Context(), "", "completion", "bash")
	if code != exitWorking || errOut != "" {
		t.Fatalf("exit code %d, %s", code, errOut)
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	for words, want := range map[string]string{
		"smtptest ex":                      "explain",
		"smtptest mx.example.com --tls im": "implicit",
		"smtptest sandbox missing-i":       "missing-intermediate",
		"smtptest mx.example.com --tick":   "--ticket",
		"smtptest help exi":                "exit",
		"smtptest mx.example.com --ca x":   "",
	} {
		all := strings.Fields(words)
		run := exec.Command("bash", "-c", script+`COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _smtptest; echo "${COMPREPLY[@]}"`)
		run.Args = append(append(run.Args, "bash"), all...)
		if out, err := run.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %s, %v; want %s", words, out, err, want)
		}
	}
}

// TestCompletionHasEverything: no option and no verb is forgotten in a shell.
func TestCompletionHasEverything(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		_, script, _ := typed(t, t.Context(), "", "completion", shell)
		words := strings.FieldsFunc(script, func(r rune) bool { return strings.ContainsRune(" \"'\n|)", r) })
		for _, o := range command.Help("", command.Dialect{Terminal: true}) {
			if !slices.Contains(words, "--"+o.Name) && !strings.Contains(script, " -l "+o.Name+" ") {
				t.Errorf("%s: --%s is missing", shell, o.Name)
			}
		}
		for _, verb := range verbs() {
			if !slices.Contains(words, verb) {
				t.Errorf("%s: %s is missing", shell, verb)
			}
		}
	}
	code, _, errOut := typed(t, t.Context(), "", "completion", "tcsh")
	if code != exitUsage || !strings.Contains(errOut, "fish") {
		t.Errorf("exit code %d, %s", code, errOut)
	}
}
