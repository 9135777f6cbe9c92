package console

import "smtptest/formatting/plain"

// Slack stub
func Slack() Renderer { return Plain(plain.Style{}) }

// Discord stub
func Discord() Renderer { return Plain(plain.Style{}) }
