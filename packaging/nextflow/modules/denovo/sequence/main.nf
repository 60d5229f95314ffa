// `shard` is '3/8' for a part of the spectra, which leaves a folder for DENOVO_MERGE, or '' for all.
process DENOVO_SEQUENCE {
    tag "${meta.id} ${shard}"
    label 'process_high'

    conda "${moduleDir}/../environment.yml"
    container 'denovo-ms:0.2.0'

    input:
    tuple val(meta), path(spectra), val(shard)

    output:
    tuple val(meta), path("${prefix}.parquet.parts") , emit: parts  , optional: true
    tuple val(meta), path("${prefix}.parquet")       , emit: parquet, optional: true
    tuple val(meta), path("${prefix}.mztab")         , emit: mztab  , optional: true
    tuple val(meta), path("${prefix}.html")          , emit: report , optional: true
    tuple val(meta), path("${prefix}.rejected.csv")  , emit: rejected, optional: true
    path "versions.yml"                              , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def outputs = shard ? "--shard ${shard}" : "--output ${prefix}.mztab --report ${prefix}.html"
    """
    denovo sequence ${spectra} --output ${prefix}.parquet ${outputs} --workers ${task.cpus} ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        denovo-ms: \$(denovo --version | cut -d ' ' -f 2)
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}.parquet.parts
    touch ${prefix}.parquet ${prefix}.mztab ${prefix}.html ${prefix}.rejected.csv

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        denovo-ms: \$(denovo --version | cut -d ' ' -f 2)
    END_VERSIONS
    """
}
