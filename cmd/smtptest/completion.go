package main

import (
	"context"
	"fmt"
	"strings"

	"smtptest/bot/command"
	"smtptest/probe/probetest"
)

// completion prints what lets a shell complete this program's words. All of
// them come from the tables of the grammar and of the sandbox.
func completion(_ context.Context, args []string, t *terminal) int {
	cases, err := probetest.Cases()
	if err != nil {
		fmt.Fprintln(t.err, "The sandbox's servers cannot be read:", err)
		return exitSoftware
	}
	var servers []string
	for _, c := range cases {
		servers = append(servers, c.Name)
	}
	d := command.Dialect{Terminal: true}
	w := shellWords{verbs: verbs(), options: command.Help("", d), topics: command.Topics(d), servers: servers}
	switch strings.Join(args, " ") {
	case "bash":
		fmt.Fprint(t.out, w.bash())
	case "zsh":
		fmt.Fprint(t.out, "autoload -U +X bashcompinit && bashcompinit\n"+w.bash())
	case "fish":
		fmt.Fprint(t.out, w.fish())
	default:
		return usage(t, consoleError("Write smtptest completion bash, zsh or fish. "+
			"What it prints goes into the shell: source <(smtptest completion bash)."))
	}
	return exitWorking
}

// verbs are the words that can stand first.
func verbs() []string {
	return []string{
		"compare", "domain", "egress", "explain", "sandbox", "console", "playground", "mcp", "completion", "version", "help",
	}
}

type shellWords struct {
	verbs, topics, servers []string
	options                []command.OptionHelp
}

// bash is for bash, and for zsh with its bashcompinit.
func (w shellWords) bash() string {
	var choices, files, names []string
	for _, o := range w.options {
		names = append(names, "--"+o.Name)
		switch {
		case len(o.Choices) > 0:
			choices = append(choices, fmt.Sprintf("    --%s) words=%q ;;\n", o.Name, strings.Join(o.Choices, " ")))
		case o.Value == "FILE":
			files = append(files, "--"+o.Name)
		}
	}
	return fmt.Sprintf(`_smtptest() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=%q
  [ "$COMP_CWORD" = 1 ] && words="%s $words"
  case $prev in
%s    %s) COMPREPLY=(); return ;;
    help) words=%q ;;
    sandbox) words=%q ;;
    completion) words="bash zsh fish" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _smtptest smtptest
`, strings.Join(names, " "), strings.Join(w.verbs, " "), strings.Join(choices, ""), strings.Join(files, "|"),
		strings.Join(w.topics, " "), "list "+strings.Join(w.servers, " "))
}

// fish writes a line for each option, with its meaning.
func (w shellWords) fish() string {
	var b strings.Builder
	line := func(when string, words []string) {
		fmt.Fprintf(&b, "complete -c smtptest -f -n '%s' -a '%s'\n", when, strings.Join(words, " "))
	}
	line("__fish_use_subcommand", w.verbs)
	line("__fish_seen_subcommand_from help", w.topics)
	line("__fish_seen_subcommand_from sandbox", append([]string{"list"}, w.servers...))
	line("__fish_seen_subcommand_from completion", []string{"bash", "zsh", "fish"})
	for _, o := range w.options {
		value := ""
		switch {
		case len(o.Choices) > 0:
			value = fmt.Sprintf(" -x -a '%s'", strings.Join(o.Choices, " "))
		case o.Value == "FILE":
			value = " -r -F"
		case o.Value != "":
			value = " -x"
		}
		fmt.Fprintf(&b, "complete -c smtptest -l %s%s -d '%s'\n", o.Name, value, strings.ReplaceAll(o.Meaning, "'", `\'`))
	}
	return b.String()
}
