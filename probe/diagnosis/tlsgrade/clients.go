package tlsgrade

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"smtptest/probe/registry"
)

//go:embed data/clients.tsv
var clientTable []byte

// Client is a well-known client as it is shipped.
type Client struct {
	ID      string
	Name    string
	Source  string // of what it offers
	Date    string // of the source: a year and a month
	Remedy  string // what its owner can do; empty: nothing is known
	Current bool   // people use it today; false: somebody keeps it alive

	speaks   string // submission, relay or any
	versions []uint16
	suites   []uint16
	groups   []uint16 // nil: unknown, so that they are not compared
	schemes  []uint16 // likewise

	rsaLeast, dhLeast, dhMost int  // bits; 0: unknown
	secureRenegotiation       bool // it goes on only with a server that has RFC 5746
	noSNI                     bool // it names no host
}

// clients are all, in the order of the table.
var clients = sync.OnceValue(func() []Client { return registry.MustTable("clients.tsv", clientTable, 15, readClient) })

// Clients are those that use a port of this purpose.
func Clients(p Purpose) []Client {
	return slices.DeleteFunc(slices.Clone(clients()), func(c Client) bool {
		return c.speaks != "any" && c.speaks != string(p)
	})
}

func readClient(c []string) (Client, error) {
	out := Client{
		ID: c[0], Name: c[1], speaks: c[2], Current: c[3] == "yes", Source: c[9], Date: c[10], Remedy: c[11],
		secureRenegotiation: c[8] == "renegotiation", noSNI: c[8] == "no-sni",
	}
	for i, to := range []*int{&out.rsaLeast, &out.dhLeast, &out.dhMost} {
		var err error
		if *to, err = number(c[5+i]); err != nil {
			return out, err
		}
	}
	for cell, to := range map[int]*[]uint16{4: &out.versions, 12: &out.suites, 13: &out.groups, 14: &out.schemes} {
		for _, text := range registry.List(c[cell], " ") {
			n, err := strconv.ParseUint(text, 16, 16)
			if err != nil || len(text) != 4 {
				return out, fmt.Errorf("%q is no number of four hexadecimal digits", text)
			}
			*to = append(*to, uint16(n))
		}
	}
	if !slices.Contains([]string{"any", string(Submission), string(Relay)}, out.speaks) {
		return out, fmt.Errorf("%q is no purpose", out.speaks)
	}
	return out, nil
}
