// Makes one result of the parts of all shards; `spectra` are the files that they sequenced.
process DENOVO_MERGE {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/../environment.yml"
    container 'denovo-ms:0.2.0'

    input:
    tuple val(meta), path(parts, stageAs: 'shard*'), path(spectra)

    output:
    tuple val(meta), path("${prefix}.parquet")     , emit: parquet
    tuple val(meta), path("${prefix}.mztab")       , emit: mztab
    tuple val(meta), path("${prefix}.html")        , emit: report
    tuple val(meta), path("${prefix}.rejected.csv"), emit: rejected
    path "versions.yml"                            , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    denovo merge ${parts} --output ${prefix}.parquet --output ${prefix}.mztab --report ${prefix}.html ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        denovo-ms: \$(denovo --version | cut -d ' ' -f 2)
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.parquet ${prefix}.mztab ${prefix}.html ${prefix}.rejected.csv

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        denovo-ms: \$(denovo --version | cut -d ' ' -f 2)
    END_VERSIONS
    """
}
