/* The least process that makes the same GET: connect, send, copy the answer to stdout.
   Usage: least_get <port> <path> */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char buffer[65536];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc != 3) return 2;
    to.sin_port = htons(atoi(argv[1]));
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&to, sizeof to)) return 1;
    int n = snprintf(buffer, sizeof buffer, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", argv[2]);
    if (write(s, buffer, n) != n) return 1;
    while ((n = read(s, buffer, sizeof buffer)) > 0)
        if (write(1, buffer, n) != n) return 1;
    return 0;
}
