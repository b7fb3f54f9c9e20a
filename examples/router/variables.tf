variable "host" {
  description = "The router: an address, or user@address:port."
  type        = string
  default     = "router.example.com"
}

variable "wan" {
  description = "The interface to the internet."
  type        = string
  default     = "eth0"
}

variable "lan" {
  description = "The interface to the network behind the router."
  type        = string
  default     = "eth1"
}

variable "network" {
  description = "The network behind the router."
  type        = string
  default     = "192.168.1.0/24"
}

variable "forwards" {
  description = "What is reached from outside by the router's address: port and protocol there, address and port behind it."
  type = map(object({
    port     = number
    protocol = optional(string, "tcp")
    to       = string
  }))
  default = {
    game  = { port = 27015, protocol = "udp", to = "192.168.1.20:27015" }
    https = { port = 443, to = "192.168.1.10:443" }
    ssh   = { port = 2222, to = "192.168.1.10:22" }
  }
}

variable "ssh" {
  description = "How to log in. By default as root, with the keys of your SSH agent."
  type = object({
    user              = optional(string)
    private_key_file  = optional(string)
    known_hosts_files = optional(list(string))
  })
  default = {}
}
