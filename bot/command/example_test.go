package command_test

import (
	"fmt"

	"smtptest/bot/command"
)

// A command as somebody types it behind /smtptest.
func ExampleParse() {
	c, err := command.Parse("smtps://mail.example.com --to bob@example.com", command.Dialect{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Verb, c.Request.Target, c.Request.Security, c.Request.Envelope.To)
	// Output: test mail.example.com:465 implicit bob@example.com
}

// What cannot be read is said in words for the person who typed it.
func ExampleParse_refused() {
	_, err := command.Parse("mail.example.com --tsl none", command.Dialect{})
	fmt.Println(err)
	// Output: --tsl is not an option. Did you mean --tls?
}

// The same options typed into fields of their own, as Discord has them.
func ExampleParseOptions() {
	fields := []command.NamedValue{{Name: "tls", Value: "starttls"}, {Name: "private", Value: "true"}}
	c, _ := command.ParseOptions("mail.example.com:587", fields, command.Dialect{})
	fmt.Println(c.Request.Target, c.Request.Security, c.Private)
	// Output: mail.example.com:587 starttls true
}
