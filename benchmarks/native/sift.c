/* What sifting would cost in a compiled language: cuts words out of the request parts, each once, decodes them
   (hex, base64, base58, base62), looks for the first bytes of needles in everything, and makes the first tests of
   the binary formats on what came out. Reads the parts, a zero byte after each; prints counts. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned char byte;
static byte alnum[256], hexv[256], b64v[256], b62v[256], b58v[256], sign[256];
static uint64_t *seen; static size_t mask;
static uint8_t needles[1 << 16];
static long n_words, n_blobs, n_blob_bytes, n_hits, n_may, n_seen;

static int is_new(const byte *s, size_t n) {
    uint64_t h = 1469598103934665603ull ^ n;
    for (size_t i = 0; i < n; i++) h = (h ^ s[i]) * 1099511628211ull;
    h ^= h >> 29; h |= 1;
    for (size_t at = h & mask;; at = (at + 1) & mask) {
        if (seen[at] == h) return 0;
        if (!seen[at]) { seen[at] = h; return 1; }
    }
}
static int varint(const byte *b, int n, int at, uint64_t *v) {
    uint64_t x = 0;
    for (int i = 0; i < 10 && at + i < n; i++) { x |= (uint64_t)(b[at + i] & 127) << 7 * i; if (b[at + i] < 128) { *v = x; return i + 1; } }
    return 0;
}
static int protobuf(const byte *b, int n) {
    int at = 0;
    while (at < n) {
        uint64_t t, v; int w = varint(b, n, at, &t); if (!w || !(t >> 3) || t >> 3 > 65536) return 0; at += w;
        switch (t & 7) {
        case 0: w = varint(b, n, at, &v); if (!w) return 0; at += w; break;
        case 1: at += 8; break;
        case 2: w = varint(b, n, at, &v); if (!w || v > (uint64_t)n) return 0; at += w + (int)v; break;
        case 5: at += 4; break;
        default: return 0;
        }
    }
    return at == n;
}
static int item(const byte *b, int n, int cbor) { /* MessagePack, or CBOR: follows items to the end */
    long pending = 1; int at = 0;
    while (pending > 0) {
        if (at >= n) return 0;
        byte x = b[at++]; pending--;
        if (cbor) {
            int major = x >> 5, low = x & 31; uint64_t v = low;
            if (low >= 24) { if (low > 27) return low == 31 && major >= 2 && major <= 5; int w = 1 << (low - 24); if (at + w > n) return 0; v = 0; while (w--) v = v << 8 | b[at++]; }
            if (major == 2 || major == 3) { if (v > (uint64_t)(n - at)) return 0; at += (int)v; }
            else if (major == 4) pending += (long)v; else if (major == 5) pending += 2 * (long)v; else if (major == 6) pending++;
        } else if (x < 0x80 || x >= 0xe0 || (x >= 0xc0 && x <= 0xc3 && x != 0xc1)) continue;
        else if (x < 0x90) pending += 2 * (x & 15); else if (x < 0xa0) pending += x & 15;
        else if (x < 0xc0) at += x & 31;
        else { static const signed char skip[32] = {0,0,0,0,-1,-2,-4,-1,-2,-4,4,8,1,2,4,8,1,2,4,8,2,3,5,9,17,-1,-2,-4,0,0,0,0};
            int w = skip[x - 0xc0]; if (x == 0xc1) return 0;
            if (x >= 0xdc) { int k = x == 0xdc || x == 0xde ? 2 : 4; if (at + k > n) return 0; uint64_t v = 0; while (k--) v = v << 8 | b[at++]; pending += (long)(x >= 0xde ? 2 * v : v); }
            else if (w >= 0) at += w; else { int k = -w; if (at + k > n) return 0; uint64_t v = 0; while (k--) v = v << 8 | b[at++]; if (v > (uint64_t)n) return 0; at += (int)v + (x >= 0xc7 && x <= 0xc9); } }
        if (at > n || pending > n - at) return 0;
    }
    return at == n;
}
static int kraft(const byte *b, int n) { /* deflate with codes of its own */
    if (n < 10) return 0;
    uint64_t bits = 0; memcpy(&bits, b + 2, 8);
    int codes = 4 + (b[1] >> 5 | (bits & 1) << 3), sum = 0;
    for (int i = 0; i < codes; i++) { int l = bits >> (1 + 3 * i) & 7; if (l) sum += 128 >> l; }
    return sum == 128;
}
static void search(const byte *s, size_t n) {
    for (size_t i = 0; i + 1 < n; i++) { if (needles[(s[i] | 0x20) << 8 | (s[i + 1] | 0x20)] == 2) n_hits++; }
}
static void blob(const byte *b, int n) {
    if (n < 6) return;
    n_blobs++; n_blob_bytes += n;
    search(b, n);
    int zeros = 0; for (int i = 0; i < n; i++) zeros += !b[i];
    unsigned pair = b[0] << 8 | b[1];
    int magic = ((b[0] & 15) == 8 && pair % 31 == 0) || pair == 0x1f8b || pair == 0x28b5 || pair == 0x425a || pair == 0xfd37 || b[0] == '{' || b[0] == '[';
    int snappy = (b[0] < 128) && !(b[1] & 3) && (b[1] >> 2) + 1 <= n - 2;
    int lz4 = (b[0] >> 4) + 3 <= n && (b[0] >> 4) > 0 && b[1 + (b[0] >> 4)] + 256 * b[2 + (b[0] >> 4)] <= (b[0] >> 4);
    if (magic || zeros * 4 >= n || snappy || lz4 || protobuf(b, n) || (b[0] >= 0x80 && b[0] < 0xa0 && item(b, n, 0)) || (b[0] >= 0x80 && b[0] < 0xdc && item(b, n, 1)) || ((b[0] >> 1 & 3) == 2 && kraft(b, n))) n_may++;
}
static void number(const byte *w, int n, const byte *digit, int base) {
    uint32_t limbs[80]; int used = 1; limbs[0] = 0;
    if (n > 400) return;
    for (int i = 0; i < n; i++) { uint64_t c = digit[w[i]]; if (c == 255) return; for (int k = 0; k < used; k++) { c += (uint64_t)limbs[k] * base; limbs[k] = (uint32_t)c; c >>= 32; } if (c) limbs[used++] = (uint32_t)c; }
    byte out[320]; int m = 0; for (int k = used - 1; k >= 0; k--) for (int j = 3; j >= 0; j--) out[m++] = limbs[k] >> 8 * j;
    int z = 0; while (z < m && !out[z]) z++; blob(out + z, m - z);
}
static void word(const byte *w, int n) {
    static byte *out; static int room;
    if (n < 8 || !is_new(w, n)) { n_seen++; return; }
    n_words++;
    if (n > room) { room = 2 * n; out = realloc(out, room); }
    int hex = 1, low = 0, up = 0, signs = 0;
    for (int i = 0; i < n; i++) { hex &= hexv[w[i]] != 255; low |= w[i] >= 'a' && w[i] <= 'z'; up |= w[i] >= 'A' && w[i] <= 'Z'; signs |= sign[w[i]]; }
    if (hex && !(n & 1)) { for (int i = 0; i < n / 2; i++) out[i] = hexv[w[2 * i]] << 4 | hexv[w[2 * i + 1]]; blob(out, n / 2); }
    if (!(hex && !(low && up))) { int m = 0; uint32_t a = 0; int k = 0; for (int i = 0; i < n; i++) { a = a << 6 | b64v[w[i]]; k += 6; if (k >= 8) { k -= 8; out[m++] = a >> k; } } blob(out, m); }
    if (low && up && !signs) { number(w, n, b62v, 62); number(w, n, b58v, 58); }
}
static void part(const byte *s, int n) {
    search(s, n);
    int from = -1, whole = -1, signs = 0;
    for (int i = 0; i <= n; i++) {
        byte c = i < n ? s[i] : 0;
        if (alnum[c]) { if (from < 0) from = i; if (whole < 0) whole = i, signs = 0; continue; }
        if (from >= 0) { word(s + from, i - from); from = -1; }
        if (sign[c]) { signs = 1; continue; }
        if (whole >= 0) { if (signs) word(s + whole, i - whole); whole = -1; }
    }
}
int main(int argc, char **argv) {
    FILE *f = fopen(argv[1], "rb"); fseek(f, 0, SEEK_END); long size = ftell(f); rewind(f);
    byte *data = malloc(size + 1); if (fread(data, 1, size, f) != (size_t)size) return 1; data[size] = 0;
    mask = (1 << 22) - 1; seen = calloc(mask + 1, 8);
    memset(hexv, 255, 256); memset(b62v, 255, 256); memset(b58v, 255, 256);
    const char *a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 64; i++) b64v[(byte)a[i]] = i; b64v['-'] = 62; b64v['_'] = 63;
    const char *d = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 62; i++) { b62v[(byte)d[i]] = i; alnum[(byte)d[i]] = 1; }
    const char *e = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    for (int i = 0; i < 58; i++) b58v[(byte)e[i]] = i;
    for (int i = 0; i < 10; i++) hexv['0' + i] = i; for (int i = 0; i < 6; i++) hexv['a' + i] = hexv['A' + i] = 10 + i;
    sign['+'] = sign['/'] = sign['-'] = sign['_'] = 1;
    srand(1); for (int i = 0; i < 400; i++) needles[rand() & 0xffff] = 2;
    struct timespec t0, t1; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
    long start = 0, parts = 0;
    for (long i = 0; i <= size; i++) if (i == size || !data[i]) { part(data + start, (int)(i - start)); start = i + 1; parts++; }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
    printf("%ld parts, %ld bytes: %ld words new, %ld not; %ld blobs of %ld bytes, %ld may open; %ld\n%.3f CPU s\n", parts, size, n_words, n_seen, n_blobs, n_blob_bytes, n_may, n_hits, (t1.tv_sec - t0.tv_sec) + (t1.tv_nsec - t0.tv_nsec) / 1e9);
    return 0;
}
