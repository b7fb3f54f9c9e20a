package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// spelled are services of the catalogue whose names people do not write in capitals.
var spelled = map[string]string{
	"dns-over-tls": "DNS over TLS", "docker": "Docker", "docker-swarm": "Docker Swarm", "elasticsearch": "Elasticsearch",
	"etcd": "etcd", "ftp-data": "FTP data", "git": "Git", "grafana": "Grafana", "http3": "HTTP/3", "ipsec": "IPsec", "ircs": "IRC over TLS",
	"kafka": "Kafka", "kerberos": "Kerberos", "kubelet": "kubelet", "kubernetes-api": "Kubernetes API", "mdns": "mDNS",
	"memcached": "memcached", "minecraft": "Minecraft", "minecraft-bedrock": "Minecraft Bedrock", "mongodb": "MongoDB", "mosh": "mosh",
	"mysql": "MySQL", "node-exporter": "node exporter", "openvpn": "OpenVPN", "postgresql": "PostgreSQL", "prometheus": "Prometheus",
	"puppet": "Puppet", "rabbitmq": "RabbitMQ", "redis": "Redis", "rpcbind": "rpcbind", "rsync": "rsync", "sieve": "Sieve",
	"snmp-trap": "SNMP traps", "submission": "mail submission", "svn": "Subversion", "syslog": "syslog", "syslog-tls": "syslog over TLS",
	"teamspeak": "TeamSpeak", "telnet": "Telnet", "vxlan": "VXLAN", "webcache": "web cache", "whois": "WHOIS", "winrm": "WinRM",
	"wireguard": "WireGuard", "xmpp-client": "XMPP clients", "xmpp-server": "XMPP servers", "zabbix-agent": "Zabbix agent",
	"zabbix-server": "Zabbix server", "dhcpv6": "DHCPv6",
}

// serviceNames are ports by the names of their services: "HTTPS (443/tcp)". Ports of one service that stand
// together are named once; those of none stand for themselves.
func serviceNames(ports []string) []string {
	left := map[string]bool{}
	for _, p := range ports {
		left[p] = true
	}
	byPort := map[string]firewall.Known{}
	for _, k := range firewall.Catalogue() {
		whole := !slices.ContainsFunc(k.Ports, func(p string) bool { return !left[p] })
		for _, p := range k.Ports {
			if taken, ok := byPort[p]; whole && (!ok || len(k.Ports) > len(taken.Ports)) {
				byPort[p] = k
			}
		}
	}
	var words []string
	for _, p := range ports {
		if !left[p] {
			continue
		}
		k, ok := byPort[p]
		if !ok {
			words = append(words, p)
			continue
		}
		for _, q := range k.Ports {
			delete(left, q)
		}
		words = append(words, fmt.Sprintf("%s (%s)", serviceName(k.Name), strings.Join(k.Ports, ", ")))
	}
	return words
}

func serviceName(name string) string {
	if s, ok := spelled[name]; ok {
		return s
	}
	return strings.ToUpper(name)
}

// hostsInShort is "web1", "db1 and db2", "97 web hosts", "12 hosts".
func hostsInShort(names []string) string {
	if len(names) <= 3 {
		return conjunction(names)
	}
	kind, _ := stem(names[0])
	for _, n := range names[1:] {
		if k, _ := stem(n); k != kind {
			kind = ""
		}
	}
	if kind == "" {
		return fmt.Sprintf("%d hosts", len(names))
	}
	return fmt.Sprintf("%d %s hosts", len(names), kind)
}

// stem is the kind of a host by its name, and its number: "web" and 7 of web07.example.com.
func stem(name string) (kind string, number int) {
	first, _, _ := strings.Cut(name, ".")
	kind = strings.TrimRight(first, "0123456789")
	number, err := strconv.Atoi(first[len(kind):])
	if err != nil {
		number = -1
	}
	kind = strings.TrimRight(kind, "-_")
	if strings.Trim(kind, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != "" {
		return "", number
	}
	return kind, number
}

// compareNames orders web2 before web10.
func compareNames(a, b string) int {
	kindA, numberA := stem(a)
	kindB, numberB := stem(b)
	return cmp.Or(cmp.Compare(kindA, kindB), cmp.Compare(numberA, numberB), cmp.Compare(a, b))
}

// hostsAtLength names all hosts, runs of numbers as one: "db1, web1 to web97".
func hostsAtLength(names []string) string {
	var parts []string
	for i := 0; i < len(names); {
		j := i
		for j+1 < len(names) && follows(names[j], names[j+1]) {
			j++
		}
		switch {
		case j-i < 2:
			j = i
			parts = append(parts, names[i])
		default:
			parts = append(parts, names[i]+" to "+names[j])
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// follows reports whether a name is the one before it with the next number.
func follows(a, b string) bool {
	_, numberA := stem(a)
	_, numberB := stem(b)
	if numberA < 0 || numberB != numberA+1 {
		return false
	}
	firstA, domainA, _ := strings.Cut(a, ".")
	firstB, domainB, _ := strings.Cut(b, ".")
	return domainA == domainB && strings.TrimRight(firstA, "0123456789") == strings.TrimRight(firstB, "0123456789")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// plural is "1 host" or "3 hosts".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
