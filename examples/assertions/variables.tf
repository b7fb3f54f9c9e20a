variable "host" {
  description = "The server: an address, or user@address:port."
  type        = string
  default     = "db1.example.com"
}

variable "office_networks" {
  description = "Who may reach the database: what the assertions hold the rules to."
  type        = list(string)
  default     = ["203.0.113.0/24", "2001:db8:1::/48"]
}

variable "database_clients" {
  description = "Who is let in to the database: what the rules are made of."
  type        = list(string)
  default     = ["203.0.113.0/25", "203.0.113.128/25", "2001:db8:1::/48"]
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
