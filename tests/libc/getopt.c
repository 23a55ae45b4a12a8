/* SPDX-License-Identifier: MIT */
/*
 * getopt() and getopt_long(): letters in a bunch, arguments joined and apart,
 * long names with and without values, unknown ones, the end of the options.
 *
 * run: args="-ab -ofile -o other --long=5 --flag --none -z -- -a rest"
 * run: args="-o"
 */
#include <getopt.h>
#include <stdio.h>

static int flag;

static const struct option names[] = {
    {"long", required_argument, NULL, 'L'},
    {"flag", no_argument, &flag, 7},
    {"maybe", optional_argument, NULL, 'M'},
    {NULL, 0, NULL, 0},
};

static void with_names(int argc, char **argv)
{
    int c, index = -1;

    optind = 1;
    while ((c = getopt_long(argc, argv, "+:abo:", names, &index)) != -1)
        switch (c) {
        case 0:
            printf("flag is %d\n", flag);
            break;
        case '?':
            printf("unknown, letter %d\n", optopt);
            break;
        case ':':
            printf("-%c lacks its argument\n", optopt);
            break;
        default:
            printf("-%c [%s]\n", c, optarg ? optarg : "");
        }
    for (; optind < argc; optind++)
        printf("rest [%s]\n", argv[optind]);
}

static void letters(void)
{
    char *words[] = {"name",     "-xy", "-v",  "value",
                     "-vjoined", "-q",  "end", NULL};
    int c;

    opterr = 0;
    optind = 1;
    while ((c = getopt(7, words, "+xyv:")) != -1)
        printf("%c at %d [%s]\n", c, optind, c == 'v' ? optarg : "");
    printf("stopped at [%s]\n", words[optind]);
}

int main(int argc, char **argv)
{
    with_names(argc, argv);
    letters();
    return 0;
}
