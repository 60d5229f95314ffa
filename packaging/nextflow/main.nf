// Sequence the spectra of one run in shards, and make one result of them.
nextflow.enable.dsl = 2

include { DENOVO_SEQUENCE } from './modules/denovo/sequence/main'
include { DENOVO_MERGE    } from './modules/denovo/merge/main'

workflow {
    if (!params.spectra) {
        error "--spectra is not given; name files or a pattern, such as --spectra 'runs/*.mzML'"
    }
    // All shards must see the same names in the same order.
    spectra = Channel.fromPath(params.spectra, checkIfExists: true)
        .toSortedList { file -> file.name }
        .map { files -> tuple([id: params.name], files) }
    shards = Channel.of(1..params.shards).map { shard -> "${shard}/${params.shards}" }
    DENOVO_SEQUENCE(spectra.combine(shards))
    parts = DENOVO_SEQUENCE.out.parts.groupTuple(size: params.shards)
    DENOVO_MERGE(parts.join(spectra))
}
