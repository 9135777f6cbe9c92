package profile

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"smtptest/bot"
	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// Login implements bot.Profile.
func (p *Profile) Login(ctx context.Context, t probe.Target) (*probe.Login, error) {
	l := &probe.Login{
		Mechanism: p.mechanism, Credential: sasl.Credential{User: p.user, Host: t.Host, Port: t.Port},
	}
	value, reason := p.secret(ctx)
	if reason != "" {
		return nil, &bot.NoSecret{Profile: p.Name, Reason: reason}
	}
	if p.password != "" {
		l.Credential.Password = secret.New(value)
	} else {
		l.Credential.Token = secret.New(value)
	}
	return l, nil
}

// secret is the value, or the reason why there is none.
func (p *Profile) secret(ctx context.Context) (value, reason string) {
	switch {
	case p.password != "":
		return line(p.password, "password-file")
	case p.token != "":
		return line(p.token, "token-file")
	}
	if value, reason = line(p.oauth.secret, "client-secret-file"); reason != "" {
		return "", reason
	}
	c := clientcredentials.Config{
		ClientID: p.oauth.client, ClientSecret: value, TokenURL: p.oauth.url, Scopes: strings.Fields(p.oauth.scope),
	}
	token, err := c.Token(context.WithValue(ctx, oauth2.HTTPClient, p.client))
	if err != nil {
		return "", "token-url: " + refusal(err)
	}
	return token.AccessToken, ""
}

// tokenErrors are what a server of tokens may say (RFC 6749 §5.2); all else
// that it says is not repeated.
var tokenErrors = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
}

// refusal says why there is no token.
func refusal(err error) string {
	answer, answered := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case answered && slices.Contains(tokenErrors, answer.ErrorCode):
		return answer.ErrorCode
	case answered && answer.Response != nil && answer.Response.StatusCode != http.StatusOK:
		return "HTTP " + strconv.Itoa(answer.Response.StatusCode)
	}
	switch kind := probe.KindOf(err); kind {
	case probe.KindDenied:
		return "this address may not be connected to; SMTPTEST_ALLOW_NETWORKS and SMTPTEST_ALLOW_PORTS open it"
	case probe.KindRefused, probe.KindUnreachable, probe.KindTimeout, probe.KindReset, probe.KindClosed:
		return "not reached (" + string(kind) + ")"
	}
	return "no token came back"
}

// line is a file's content without the line end that editors add, or what is
// wrong with the file that a key names.
func line(path, key string) (text, reason string) {
	text, err := readBounded(path)
	text = strings.TrimRight(text, "\r\n")
	switch {
	case err != nil:
		return "", key + ": the file cannot be read, or is too large"
	case text == "":
		return "", key + ": the file is empty"
	}
	return text, ""
}

func readBounded(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFileOctets+1))
	if err == nil && len(content) > maxFileOctets {
		err = errors.New("too large")
	}
	return string(content), err
}
