package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"smtptest/probe/remote"
)

// maxKeyOctets bounds the file of a key, which has some 70.
const maxKeyOctets = 4 << 10

// readKey reads the key that logins are sealed to. Its errors quote nothing.
func readKey(file string) (*remote.PrivateKey, error) {
	octets, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errors.New("it is not there; smtptest-agent -key FILE makes it")
	case err != nil || len(octets) > maxKeyOctets:
		return nil, errors.New("it cannot be read. Check its name and rights")
	}
	return remote.ParsePrivateKey(string(octets))
}

// printKey prints the public half of a key, which is made unless it is there.
func printKey(file string, out, errOut io.Writer) int {
	k, err := readKey(file)
	if _, missing := os.Stat(file); errors.Is(missing, os.ErrNotExist) {
		k, err = makeKey(file)
	}
	if err != nil {
		fmt.Fprintf(errOut, "%s: %s.\n", file, err)
		return exitRefused
	}
	fmt.Fprintln(out, k.Public())
	fmt.Fprintf(errOut, "This is the public key of %s; its id is %s. Write NAME=KEY, NAME being this vantage point's, "+
		"into SMTPTEST_VANTAGES of the bot or into the file that SMTPTEST_VANTAGES_FILE names. "+
		"The file stays here, and SMTPTEST_KEY_FILE names it.\n", file, k.Public().ID())
	return exitStopped
}

func makeKey(file string) (*remote.PrivateKey, error) {
	k, err := remote.GenerateKey()
	if err != nil {
		return nil, err
	}
	text, err := k.Text()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, []byte(text.Reveal()), 0o600); err != nil {
		return nil, errors.New("it cannot be written. Check the folder and its rights")
	}
	return k, nil
}
