variable "host" {
  description = "The server: an address, or user@address:port."
  type        = string
  default     = "vps.example.com"
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
