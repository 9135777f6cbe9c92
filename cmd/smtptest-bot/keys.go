package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
)

// makeKeys makes the nkeys of the bot and of the agents at some vantage points in
// a folder, each in a file of its own, and prints the part of nats.conf that lets
// them do what they need. Keys that are there already are kept.
func makeKeys(args []string, out, errOut io.Writer) int {
	if len(args) < 2 || len(args)-1 > remote.MaxVantages {
		fmt.Fprintln(errOut, "-keys wants a folder and the names of vantage points: smtptest-bot -keys ./keys berlin tokyo")
		return exitUsage
	}
	folder, names := args[0], args[1:]
	for _, name := range names {
		err := remote.CheckName(name)
		if name == "bot" {
			err = fmt.Errorf("bot is the name of this program's own key")
		}
		if err != nil {
			fmt.Fprintf(errOut, "%q: %s.\n", name, err)
			return exitUsage
		}
	}
	block, err := permissions(folder, names)
	if err != nil {
		fmt.Fprintln(errOut, "The keys cannot be made:", err)
		return exitRefused
	}
	fmt.Fprint(out, block)
	fmt.Fprintf(errOut, "\nWritten: %s, for nats.conf; %s, for SMTPTEST_NATS_NKEY_FILE of the bot; "+
		"and NAME.nkey beside it, for that of each agent. Move each to its machine: who has one is that user.\n",
		filepath.Join(folder, permissionsFile), filepath.Join(folder, "bot.nkey"))
	return exitStopped
}

const permissionsFile = "permissions.conf"

func permissions(folder string, names []string) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	var users []broker.User
	for _, name := range append([]string{"bot"}, names...) {
		nkey, err := broker.Seed(folder, name)
		if err != nil {
			return "", err
		}
		users = append(users, broker.User{Name: name, Nkey: nkey})
	}
	block := broker.Permissions(users[0], users[1:])
	return block, os.WriteFile(filepath.Join(folder, permissionsFile), []byte(block), 0o644)
}
