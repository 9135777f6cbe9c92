//go:build unix

package realtest

import (
	"cmp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// service is one port of a Postfix instance.
type service struct {
	Port    uint16
	Program string   // smtpd or postscreen
	Options []string // parameters of main.cf for this service alone
}

// postfix is one instance: a master process with its own main.cf, master.cf,
// queue and data.
type postfix struct {
	Folder      string
	Certificate string
	AuthPort    uint16 // Dovecot's authentication service; 0: no login is offered anywhere
	GreetWait   int    // seconds
	Services    []service
}

// start gives each service that has no port one, and runs them all.
func (p *postfix) start(s *site) {
	s.Helper()
	p.Folder, p.GreetWait = s.subfolder("postfix"), int(greetWait.Seconds())
	p.Certificate = cmp.Or(p.Certificate, s.certificate(""))
	ports := freePorts(s, len(p.Services))
	for i := range p.Services {
		p.Services[i].Port = ports[i]
	}
	s.configure(filepath.Join(p.Folder, "main.cf"), "postfix-main.cf", p)
	s.configure(filepath.Join(p.Folder, "master.cf"), "postfix-master.cf", p)
	s.subfolder("postfix/queue")
	data := s.subfolder("postfix/data")
	must(s, os.Chown(data, uid(s, "postfix"), 0))
	if out, err := exec.Command("postfix", "-c", p.Folder, "check").CombinedOutput(); err != nil {
		s.Fatalf("postfix check: %v\n%s", err, out)
	}
	// -d keeps it in the foreground and in its process group.
	master := exec.Command("/usr/lib/postfix/sbin/master", "-c", p.Folder, "-d")
	master.Env = append(os.Environ(), "MAIL_CONFIG="+p.Folder)
	s.run(master, filepath.Join(p.Folder, "log"), ports...)
}

// uid is the number of an account of the machine.
func uid(t testing.TB, name string) int {
	t.Helper()
	account, err := user.Lookup(name)
	must(t, err)
	id, err := strconv.Atoi(account.Uid)
	must(t, err)
	return id
}

// dovecot is the submission service, and the authentication service that
// Postfix asks.
type dovecot struct {
	Folder                               string
	Certificate, Stranded                string
	StartTLSPort, ImplicitPort, AuthPort uint16
	RelayPort                            uint16 // where mail goes after a login; 0: nowhere, its relay host is down
	TLS                                  string // further settings
}

// discardPort is one where nothing listens: the service of RFC 863 has died
// out.
const discardPort = 9

func (d *dovecot) start(s *site) {
	s.Helper()
	d.Folder, d.Stranded = s.subfolder("dovecot"), stranded
	d.Certificate = cmp.Or(d.Certificate, s.certificate(""))
	ports := freePorts(s, 3)
	d.StartTLSPort, d.ImplicitPort, d.AuthPort = ports[0], ports[1], ports[2]
	d.accounts(s)
	d.RelayPort = cmp.Or(d.RelayPort, discardPort)
	config := filepath.Join(d.Folder, "dovecot.conf")
	s.configure(config, "dovecot.conf", d)
	s.run(exec.Command("dovecot", "-F", "-c", config), filepath.Join(d.Folder, "log"), ports...)
}

// unpacked is a server that lives in a root folder of its own, with three
// ports: without TLS, with STARTTLS, with implicit TLS. Its configuration is
// a template of the same name in /etc.
type unpacked struct {
	name    string // of its folder
	config  string
	owner   int // who reads the certificate's key
	command []string

	User, Password, Stranded, Crowded     string
	Pauses                                string // of Exim: ADDRESS=5s for callers that wait for the greeting
	Certificate                           string // as seen from the root folder
	Spec                                  string // of the certificate, as probetest.CertSpec reads it
	TLS                                   string // a further setting
	PlainPort, StartTLSPort, ImplicitPort uint16
}

func exim() *unpacked {
	return &unpacked{name: "exim", config: "exim.conf", owner: 901,
		command: []string{"/usr/sbin/exim4", "-C", "/etc/exim.conf", "-bdf"}}
}

func opensmtpd() *unpacked {
	return &unpacked{name: "opensmtpd", config: "smtpd.conf",
		command: []string{"/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"}}
}

// start copies what .ci/real-servers unpacked and runs the copy after chroot,
// so that the server sees no file, account or spool of the machine.
func (u *unpacked) start(s *site) {
	s.Helper()
	root := s.copyOf(u.name)
	ports := freePorts(s, 3)
	u.PlainPort, u.StartTLSPort, u.ImplicitPort = ports[0], ports[1], ports[2]
	u.User, u.Password, u.Stranded, u.Crowded = account, rightPassword, stranded, crowded
	u.Certificate = "/etc/mail.pem"
	certificate := filepath.Join(root, u.Certificate)
	key, err := os.ReadFile(s.certificate(u.Spec))
	must(s, err)
	s.write(certificate, key)
	must(s, os.Chown(certificate, u.owner, 0))
	s.publish(filepath.Join(root, "etc/accounts"), account+" "+crypted(s)+"\n")
	s.configure(filepath.Join(root, "etc", u.config), u.config, u)
	s.runIn(root, exec.Command(u.command[0], u.command[1:]...), ports...)
}

// unpackedFolder is where .ci/real-servers puts what is not installed.
func unpackedFolder(name string) string {
	return filepath.Join(cmp.Or(os.Getenv("SMTPTEST_REAL_FOLDER"), "/var/cache/smtptest-real"), name)
}

// copyOf copies what .ci/real-servers unpacked.
func (s *site) copyOf(name string) (root string) {
	s.Helper()
	root = filepath.Join(s.folder, name)
	if out, err := exec.Command("cp", "-a", unpackedFolder(name), root).CombinedOutput(); err != nil {
		s.Fatalf("%s is not there, run .ci/real-servers: %v\n%s", name, err, out)
	}
	return root
}

// runIn runs a server after chroot.
func (s *site) runIn(root string, cmd *exec.Cmd, ports ...uint16) {
	s.Helper()
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: root}
	s.run(cmd, filepath.Join(root, "var/log"), ports...)
}
