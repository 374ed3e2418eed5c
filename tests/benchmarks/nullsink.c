/* nullsink: an S3 endpoint that accepts multipart uploads and throws the bytes away.
 * The ceiling for any uploader on this machine: no disk, no signature check, no checksum computed.
 * It remembers sizes and the checksums that it was told, so that ListParts, Complete and HEAD answer
 * consistently; a client that verifies size and checksum after Complete is satisfied.
 * usage: nullsink PORT [CERT.pem KEY.pem]    127.0.0.1 only; one thread a connection; TLS when a certificate is given
 * NULLSINK_LOG=FILE: a line for each request when its head has arrived: monotonic seconds, connection, method, target.
 * Linux; ends with the process that started it.
 * cc -O2 -pthread -o nullsink nullsink.c -lssl -lcrypto */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PARTS = 10001, BUF = 65536 };
#define ETAG "\"d41d8cd98f00b204e9800998ecf8427e\""
#define WHOLE_ETAG "\"d41d8cd98f00b204e9800998ecf8427e-1\"" /* of a multipart object: nobody takes it for an MD5 */
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

typedef struct { char session[128], user[128]; } metadata;
typedef struct upload { struct upload *next; int id; char path[1024]; metadata meta; long long size[MAX_PARTS]; } upload;
typedef struct object { struct object *next; char path[1024]; metadata meta; long long size; char checksum[256]; const char *etag; } object;
typedef struct { int fd, number; SSL *ssl; char buf[BUF]; size_t have; } conn;

static SSL_CTX *tls;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static upload *uploads;
static object *objects;
static int last_id, last_connection;
static FILE *request_log;

static ssize_t get(conn *c, void *p, size_t n, int flags) { return c->ssl ? SSL_read(c->ssl, p, n) : recv(c->fd, p, n, flags); }
static int put(conn *c, const char *p, size_t n) {
    while (n) { ssize_t k = c->ssl ? SSL_write(c->ssl, p, n) : write(c->fd, p, n); if (k <= 0) return 0; p += k; n -= k; }
    return 1;
}
static int fill(conn *c) {
    if (c->have >= sizeof c->buf - 1) return 0;
    ssize_t n = get(c, c->buf + c->have, sizeof c->buf - 1 - c->have, 0);
    if (n <= 0) return 0;
    c->have += n; c->buf[c->have] = 0;
    return 1;
}
static void eat(conn *c, size_t n) { memmove(c->buf, c->buf + n, c->have - n); c->have -= n; c->buf[c->have] = 0; }
static int drop(conn *c, long long n) {
    static __thread char trash[1 << 18];
    long long k = (long long)c->have < n ? (long long)c->have : n;
    eat(c, k); n -= k;
    while (n > 0) {
        ssize_t r = get(c, trash, n < (long long)sizeof trash ? (size_t)n : sizeof trash, MSG_TRUNC);
        if (r <= 0) return 0;
        n -= r;
    }
    return 1;
}
static int drop_chunked(conn *c, long long *total) {
    for (;;) {
        char *e;
        while (!(e = strstr(c->buf, "\r\n"))) if (!fill(c)) return 0;
        long long n = strtoll(c->buf, 0, 16);
        eat(c, e + 2 - c->buf);
        *total += n;
        if (n == 0) for (;;) {
            while (!(e = strstr(c->buf, "\r\n"))) if (!fill(c)) return 0;
            size_t l = e - c->buf; eat(c, l + 2);
            if (l == 0) return 1;
        }
        if (!drop(c, n)) return 0;
        while (c->have < 2) if (!fill(c)) return 0;
        eat(c, 2);
    }
}
static int reply(conn *c, int status, const char *extra, const char *body, int head) {
    char out[2048];
    size_t len = strlen(body);
    int n = snprintf(out, sizeof out, "HTTP/1.1 %d OK\r\nContent-Type: application/xml\r\n%s", status, extra);
    if (!strstr(extra, "Content-Length")) n += snprintf(out + n, sizeof out - n, "Content-Length: %zu\r\n", len);
    n += snprintf(out + n, sizeof out - n, "\r\n");
    return put(c, out, n) && (head || !len || put(c, body, len));
}
static const char *header(const char *head, const char *name, char *out, size_t size) {
    size_t l = strlen(name); out[0] = 0;
    for (const char *p = strstr(head, "\r\n"); p && p[2]; p = strstr(p + 2, "\r\n"))
        if (!strncasecmp(p + 2, name, l) && p[2 + l] == ':') {
            const char *v = p + 3 + l; while (*v == ' ') v++;
            size_t k = strcspn(v, "\r"); if (k >= size) k = size - 1;
            memcpy(out, v, k); out[k] = 0; break;
        }
    return out;
}
static metadata metadata_of(const char *head) {
    metadata m;
    header(head, "x-amz-meta-session-id", m.session, sizeof m.session);
    header(head, "x-amz-meta-user-id", m.user, sizeof m.user);
    return m;
}
static int query(const char *q, const char *name) {
    size_t l = strlen(name);
    for (const char *p = q; p; p = strchr(p, '&')) { p++; if (!strncmp(p, name, l) && p[l] == '=') return atoi(p + l + 1 + (p[l + 1] == 'u')); }
    return -1;
}
static upload *find(int id) { upload *u = uploads; while (u && u->id != id) u = u->next; return u; }

static int answer(conn *c, const char *head, const char *method, const char *path, const char *q, long long len) {
    char extra[1024] = "", checksum[200], algorithm[64], kind[64];
    const char *key = path[0] ? strchr(path + 1, '/') : 0; if (key && !key[1]) key = 0;
    int id = q ? query(q, "uploadId") : -1, part = q ? query(q, "partNumber") : -1, ok = 1;
    header(head, "x-amz-checksum-crc64nvme", checksum, sizeof checksum);
    if (!strcmp(method, "POST") && q && !strncmp(q, "?uploads", 8)) {
        upload *u = calloc(1, sizeof *u); snprintf(u->path, sizeof u->path, "%s", path); u->meta = metadata_of(head);
        pthread_mutex_lock(&lock); u->id = ++last_id; u->next = uploads; uploads = u; pthread_mutex_unlock(&lock);
        char body[2600];
        snprintf(body, sizeof body, XML "<InitiateMultipartUploadResult><Bucket>recordings</Bucket><Key>%s</Key><UploadId>u%d</UploadId></InitiateMultipartUploadResult>", key ? key + 1 : "", u->id);
        if (*header(head, "x-amz-checksum-algorithm", algorithm, sizeof algorithm))
            snprintf(extra, sizeof extra, "x-amz-checksum-algorithm: %s\r\nx-amz-checksum-type: %s\r\n", algorithm, header(head, "x-amz-checksum-type", kind, sizeof kind));
        return reply(c, 200, extra, body, 0);
    }
    if (!strcmp(method, "PUT") && part > 0 && part < MAX_PARTS) {
        pthread_mutex_lock(&lock); upload *u = find(id); if (u) u->size[part] = len; pthread_mutex_unlock(&lock);
        if (!u) return reply(c, 404, "", XML "<Error><Code>NoSuchUpload</Code><Message>no such upload</Message></Error>", 0);
        snprintf(extra, sizeof extra, "ETag: " ETAG "\r\n%s%s%s", *checksum ? "x-amz-checksum-crc64nvme: " : "", checksum, *checksum ? "\r\n" : "");
        return reply(c, 200, extra, "", 0);
    }
    if (!strcmp(method, "POST") && id >= 0) {
        object *o = calloc(1, sizeof *o); snprintf(o->path, sizeof o->path, "%s", path); snprintf(o->checksum, sizeof o->checksum, "%s", checksum); o->etag = ETAG;
        pthread_mutex_lock(&lock);
        upload **p = &uploads; while (*p && (*p)->id != id) p = &(*p)->next;
        o->etag = WHOLE_ETAG;
        if (*p) { upload *u = *p; for (int i = 1; i < MAX_PARTS; i++) o->size += u->size[i]; o->meta = u->meta; *p = u->next; free(u); o->next = objects; objects = o; } else ok = 0;
        pthread_mutex_unlock(&lock);
        if (!ok) return reply(c, 404, "", XML "<Error><Code>NoSuchUpload</Code><Message>no such upload</Message></Error>", 0);
        char body[2600];
        snprintf(body, sizeof body, XML "<CompleteMultipartUploadResult><Bucket>recordings</Bucket><Key>%s</Key><ETag>" WHOLE_ETAG "</ETag>%s%s%s</CompleteMultipartUploadResult>", key ? key + 1 : "",
                 *checksum ? "<ChecksumCRC64NVME>" : "", checksum, *checksum ? "</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>" : "");
        return reply(c, 200, "", body, 0);
    }
    if (!strcmp(method, "PUT") && key) {                                     /* a plain object */
        object *o = calloc(1, sizeof *o); snprintf(o->path, sizeof o->path, "%s", path); o->size = len; snprintf(o->checksum, sizeof o->checksum, "%s", checksum); o->etag = ETAG;
        o->meta = metadata_of(head);
        pthread_mutex_lock(&lock); o->next = objects; objects = o; pthread_mutex_unlock(&lock);
        return reply(c, 200, "ETag: " ETAG "\r\n", "", 0);
    }
    if (!strcmp(method, "GET") && id >= 0) {                                 /* ListParts */
        char *body = malloc(512 + MAX_PARTS * 160), *w = body;
        w += sprintf(w, XML "<ListPartsResult><Bucket>recordings</Bucket><UploadId>u%d</UploadId><IsTruncated>false</IsTruncated>", id);
        pthread_mutex_lock(&lock); upload *u = find(id);
        if (u) for (int i = 1; i < MAX_PARTS; i++) if (u->size[i]) w += sprintf(w, "<Part><PartNumber>%d</PartNumber><ETag>" ETAG "</ETag><Size>%lld</Size></Part>", i, u->size[i]);
        pthread_mutex_unlock(&lock);
        sprintf(w, "</ListPartsResult>");
        ok = u ? reply(c, 200, "", body, 0) : reply(c, 404, "", XML "<Error><Code>NoSuchUpload</Code><Message>no such upload</Message></Error>", 0);
        free(body); return ok;
    }
    if ((!strcmp(method, "HEAD") || !strcmp(method, "GET")) && key && !(q && q[1] && strncmp(q, "?X-Amz-", 7))) {
        pthread_mutex_lock(&lock); object *o = objects; while (o && strcmp(o->path, path)) o = o->next; pthread_mutex_unlock(&lock);
        if (!o) return reply(c, 404, "", "", 1);
        char marks[320] = "";
        if (*o->meta.session) snprintf(marks, sizeof marks, "x-amz-meta-session-id: %s\r\nx-amz-meta-user-id: %s\r\n", o->meta.session, o->meta.user);
        snprintf(extra, sizeof extra, "ETag: %s\r\nLast-Modified: Sun, 22 Nov 2026 09:00:00 GMT\r\nContent-Length: %lld\r\n%s%s%s%s", o->etag, o->size, marks, *o->checksum ? "x-amz-checksum-type: FULL_OBJECT\r\nx-amz-checksum-crc64nvme: " : "", o->checksum, *o->checksum ? "\r\n" : "");
        return reply(c, 200, extra, "", 1);
    }
    if (!strcmp(method, "DELETE")) {
        pthread_mutex_lock(&lock);
        upload **p = &uploads; while (*p && (*p)->id != id) p = &(*p)->next;
        if (*p) { upload *u = *p; *p = u->next; free(u); }
        pthread_mutex_unlock(&lock);
        return reply(c, 204, "Content-Length: 0\r\n", "", 1);
    }
    if (!strcmp(method, "GET")) return reply(c, 200, "", XML "<ListBucketResult><Name>recordings</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>", 0);
    return reply(c, 200, "", "", !strcmp(method, "HEAD"));
}
static void note(const conn *c, const char *method, const char *target) {
    struct timespec now; clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    fprintf(request_log, "%lld.%06ld %d %s %s\n", (long long)now.tv_sec, now.tv_nsec / 1000, c->number, method, target);
    pthread_mutex_unlock(&lock);
}
static void *serve(void *p) {
    conn *c = calloc(1, sizeof *c); c->fd = (int)(long)p;
    pthread_mutex_lock(&lock); c->number = ++last_connection; pthread_mutex_unlock(&lock);
    char *head = malloc(BUF + 1);
    int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (tls) { c->ssl = SSL_new(tls); SSL_set_fd(c->ssl, c->fd); if (SSL_accept(c->ssl) <= 0) goto out; }
    for (;;) {
        char *e, value[64], method[16] = "", target[4096] = "";
        while (!(e = strstr(c->buf, "\r\n\r\n"))) if (!fill(c)) goto out;
        size_t hl = e + 4 - c->buf; memcpy(head, c->buf, hl); head[hl] = 0; eat(c, hl);
        sscanf(head, "%15s %4095s", method, target);
        if (request_log) note(c, method, target);
        long long len = atoll(header(head, "content-length", value, sizeof value));
        if (!strcasecmp(header(head, "expect", value, sizeof value), "100-continue") && !put(c, "HTTP/1.1 100 Continue\r\n\r\n", 25)) goto out;
        if (!strcasecmp(header(head, "transfer-encoding", value, sizeof value), "chunked")) { len = 0; if (!drop_chunked(c, &len)) goto out; }
        else if (!drop(c, len)) goto out;
        char decoded[64]; long long real = atoll(header(head, "x-amz-decoded-content-length", decoded, sizeof decoded)); if (real) len = real;
        char *q = strchr(target, '?'), path[1024]; snprintf(path, sizeof path, "%.*s", (int)(q ? q - target : (long)strlen(target)), target);
        if (!answer(c, head, method, path, q, len)) goto out;
    }
out: if (c->ssl) SSL_free(c->ssl);
    close(c->fd); free(head); free(c); return 0;
}
int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getenv("NULLSINK_LOG")) {
        request_log = fopen(getenv("NULLSINK_LOG"), "w");
        if (!request_log) { perror("nullsink: NULLSINK_LOG"); return 1; }
        setlinebuf(request_log);
    }
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1; setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9900)};
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    if (argc > 3) {
        tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(tls, argv[2]) != 1 || SSL_CTX_use_PrivateKey_file(tls, argv[3], SSL_FILETYPE_PEM) != 1) { fprintf(stderr, "nullsink: bad certificate\n"); return 1; }
    }
    if (bind(s, (void *)&a, sizeof a) || listen(s, 128)) { perror("nullsink"); return 1; }
    for (;;) { int f = accept(s, 0, 0); if (f < 0) continue; pthread_t t; pthread_create(&t, 0, serve, (void *)(long)f); pthread_detach(t); }
}
