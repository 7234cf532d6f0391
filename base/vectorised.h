/* Functions that are compiled for wider vectors too, chosen when the program starts. */
#ifndef ZG_BASE_VECTORISED_H
#define ZG_BASE_VECTORISED_H

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif

#endif
